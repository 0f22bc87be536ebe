import { z } from "zod";
import { defineCommand } from "../command.ts";

/** `audit key --json`. */
export interface AuditKeyDocument {
  readonly halligan: 1;
  readonly kind: "audit-key";
  /** Each in OpenSSH's one-line format. */
  readonly keys: readonly { readonly line: string; readonly fingerprint: string }[];
}

/** Prints the public keys of the audit. */
export const auditKeyCommand = defineCommand({
  id: "audit key",
  area: "authority",
  summary: "Print the public keys that the audit's checkpoints are signed with",
  details:
    "One line per key, this user's own and those of others who share the folder. Keep them where whoever can write to this folder cannot: with them, `audit verify --key FILE` needs to trust nothing that lies here.",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan audit key > /mnt/auditors/lab-a.pub", does: "keeps the keys elsewhere" }],
  async run(context) {
    const { fingerprintOf, publicKeyLine } = await import("../../authority/audit/public-key.ts");
    const house = await context.house();
    const own = await house.audit.key();
    const keys = new Set([own, ...(await house.audit.trustedKeys())]);
    const document: AuditKeyDocument = {
      halligan: 1,
      kind: "audit-key",
      keys: [...keys].map((key) => ({ line: publicKeyLine(key, "halligan-audit"), fingerprint: fingerprintOf(key) })),
    };
    return { exit: 0, document: { ...document } };
  },
});
