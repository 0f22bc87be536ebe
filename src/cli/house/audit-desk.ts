import { join } from "node:path";
import type { AuditDesk } from "../../core/authority/audit/desk.ts";
import { type AuditEntry, createAuditTrail } from "../../core/authority/audit/trail.ts";
import type { CheckpointSigner } from "../../core/authority/audit/checkpoint.ts";
import { freeTextArgs } from "../../core/commands/command.ts";
import type { HalliganError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { createRedactor, type NamedSecret } from "../../core/run/redactor.ts";
import { systemClock } from "./clock.ts";

/** What the audit of a cluster folder is made of. */
export interface AuditDeskOptions {
  readonly store: Store;
  /** The folder `.halligan`. */
  readonly home: string;
  /** The local user: each has a signing key of their own where several share a folder. */
  readonly user: string;
  /** Every secret that could have been typed. */
  readonly secrets: () => Promise<readonly NamedSecret[]>;
}

/** The audit of a cluster folder. */
export function createAuditDesk({ store, home, user, secrets }: AuditDeskOptions): AuditDesk {
  let opening: Promise<CheckpointSigner> | undefined;
  const name = `audit-${user.replaceAll(/[^\w.-]/gu, "_")}`;
  const signer = (): Promise<CheckpointSigner> => (opening ??= open());

  async function open(): Promise<CheckpointSigner> {
    const { openSigningKey } = await import("../../core/adapters/audit/signing-key.ts");
    return openSigningKey(join(home, `${name}.key`), user);
  }

  const trail = createAuditTrail({
    store,
    clock: systemClock,
    signer,
    async redactor(entry) {
      const known = holdsFreeText(entry) ? await secrets() : [];
      if (known.length === 0) return undefined;
      const redactor = createRedactor(known);
      return (text) => redactor.redactText(text);
    },
  });
  return {
    ...trail,
    redacted: async (text) => createRedactor(await secrets()).redactText(text),
    key: async () => (await signer()).key,
    async trustedKeys() {
      const { readPublicKeysIn } = await import("../../core/adapters/audit/signing-key.ts");
      return new Set(await readPublicKeysIn(home));
    },
  };
}

/** Names, ids and numbers cannot hold a secret that the house knows; words that a person typed can, and opening secrets takes time. */
function holdsFreeText({ front, action, reason, detail }: AuditEntry): boolean {
  if (front === "engine") return false; // what engines say was redacted when it was said
  if (action.startsWith("exec") || reason !== undefined) return true;
  return typeof detail === "object" && detail !== null && !Array.isArray(detail) && freeTextArgs.some((each) => each in detail);
}

/** For the engine's log: something that it did is not on record. */
export function tellUnrecorded(error: HalliganError): void {
  const at = new Date(systemClock.now()).toISOString();
  process.stderr.write(`${at} ${process.pid} not in the audit: ${error.code} ${error.problems[0].message}\n`);
}
