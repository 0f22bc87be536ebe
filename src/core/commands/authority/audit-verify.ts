import { z } from "zod";
import type { Finding, Mark, Verified } from "../../authority/audit/verify.ts";
import { fail } from "../../errors.ts";
import type { Digest } from "../../model/ids.ts";
import type { Store } from "../../ports.ts";
import { type Answer, type CommandContext, defineCommand } from "../command.ts";

/** `audit verify --json`, `audit verify-copy --json`. */
export interface AuditVerifiedDocument {
  readonly halligan: 1;
  readonly kind: "audit-verified";
  readonly ok: boolean;
  /** The copy that was read; null = the cluster's own store. */
  readonly file: string | null;
  readonly entries: number;
  readonly last: (Mark & { readonly at: number }) | null;
  readonly checkpoints: number;
  /** The newest checkpoint signed by a trusted key; `mark` is what `--checkpoint` takes. */
  readonly newest: (Mark & { readonly at: number; readonly fingerprint: string; readonly mark: string }) | null;
  /** Entries behind the newest checkpoint. */
  readonly uncovered: number;
  readonly keys: readonly { readonly fingerprint: string; readonly checkpoints: number; readonly trusted: boolean }[];
  /** The first findings. */
  readonly findings: readonly Finding[];
  /** Findings that are not listed. */
  readonly moreFindings: number;
}

const checkpoint = z
  .array(z.string())
  .default([])
  .describe("A checkpoint kept elsewhere, as `audit verify` printed it: N:HASH; may be given several times");
const limits =
  "Not found are: a tail that was cut off together with its checkpoints, unless you give a checkpoint that you kept elsewhere; entries behind the newest checkpoint that were all made anew; and anything done by somebody who has the key file. docs/audit.md says more.";

/** Verifies the audit of the cluster's store. */
export const auditVerifyCommand = defineCommand({
  id: "audit verify",
  area: "authority",
  summary: "Find out whether the audit is as it was written",
  details: `Follows the chain of hashes through all entries and checks the signatures of the checkpoints. Entries that were edited, removed, added or moved are found, and a tail that was cut off before the newest checkpoint. ${limits}`,
  args: () =>
    z.object({
      key: z.string().optional().describe("File with the public keys to trust, as `audit key` prints them; default: those in .halligan/"),
      checkpoint,
    }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster", without: ["key"] },
  examples: [
    { line: "halligan audit verify", does: "verifies, and prints the newest checkpoint to keep elsewhere" },
    { line: "halligan audit verify --checkpoint 128:sha256:906306a7...", does: "also finds a tail cut off with its checkpoints" },
  ],
  async run(context, { key, checkpoint: marks }) {
    const known = marks.map(markOf);
    const house = await context.house();
    const trusted = key === undefined ? await house.audit.trustedKeys() : await keysOf(context, key);
    return await verify(house.store, trusted, known, null);
  },
});

/** Verifies the audit in a copy of a store. */
export const auditVerifyCopyCommand = defineCommand({
  id: "audit verify-copy",
  area: "authority",
  summary: "Verify the audit in a copy of a store, without a cluster",
  details: `For whoever audits from outside: needs the copied file, with its \`-wal\` neighbour if there is one, and the public keys to trust. Nothing is written, so the file may be read-only. ${limits}`,
  args: () =>
    z.object({
      file: z.string().describe("The copy: a file such as state.db"),
      key: z.string().describe("File with the public keys to trust, as `audit key` prints them"),
      checkpoint,
    }),
  positionals: ["file"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It reads a file of the machine on which it is typed." },
  examples: [{ line: "halligan audit verify-copy backup/state.db --key ops-keys.pub", does: "verifies a backup" }],
  async run(context, { file, key, checkpoint: marks }) {
    const known = marks.map(markOf);
    const trusted = await keysOf(context, key);
    const copy = await context.local.openStoreCopy(file);
    try {
      return await verify(copy, trusted, known, file);
    } finally {
      copy.close();
    }
  },
});

async function verify(
  store: Pick<Store, "read">,
  trusted: ReadonlySet<string>,
  marks: readonly Mark[],
  file: string | null,
): Promise<Answer> {
  const [{ verifyAudit }, { fingerprintOf }] = await Promise.all([
    import("../../authority/audit/verify.ts"),
    import("../../authority/audit/public-key.ts"),
  ]);
  const found: Verified = await verifyAudit({ store, trusted, marks });
  const { last, newest } = found;
  const document: AuditVerifiedDocument = {
    halligan: 1,
    kind: "audit-verified",
    ok: found.found === 0,
    file,
    entries: found.entries,
    last: last === undefined ? null : { n: last.n, hash: last.hash, at: last.time },
    checkpoints: found.checkpoints,
    newest:
      newest === undefined
        ? null
        : { n: newest.n, hash: newest.hash, at: newest.time, fingerprint: fingerprintOf(newest.key), mark: `${newest.n}:${newest.hash}` },
    uncovered: found.uncovered,
    keys: found.keys.map(({ key, ...rest }) => ({ fingerprint: fingerprintOf(key), ...rest })),
    findings: found.findings,
    moreFindings: found.found - found.findings.length,
  };
  return { exit: document.ok ? 0 : 1, document: { ...document } };
}

async function keysOf(context: CommandContext, file: string): Promise<ReadonlySet<string>> {
  const { readPublicKeys } = await import("../../authority/audit/public-key.ts");
  const keys = readPublicKeys(await context.local.readText(file), file);
  if (keys.length === 0)
    throw fail("AUDIT_KEY_UNUSABLE", { message: `There is no public key in ${file}.`, hint: "`halligan audit key` prints one." });
  return new Set(keys);
}

function markOf(text: string): Mark {
  const [, n, hash] = /^(\d{1,15}):(?:sha256:)?([0-9a-f]{64})$/u.exec(text) ?? [];
  if (n !== undefined && hash !== undefined) return { n: Number(n), hash: `sha256:${hash}` satisfies Digest };
  throw fail("USAGE", {
    message: `--checkpoint is \`${text}\`: that is not N:HASH.`,
    hint: "Give it as `audit verify` printed it: the entry's number, a colon, and its hash of 64 hex digits.",
  });
}
