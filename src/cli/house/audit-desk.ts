import { join } from "node:path";
import type { Vault } from "../../core/adapters/secrets/vault.ts";
import { type AuditEntry, type AuditTrail, createAuditTrail } from "../../core/authority/audit/trail.ts";
import type { Json, Store } from "../../core/ports.ts";
import { createRedactor, type NamedSecret } from "../../core/run/redactor.ts";
import { systemClock } from "./clock.ts";

/** What the audit of a cluster folder is made of. */
export interface AuditDeskOptions {
  readonly store: Store;
  /** The folder `.halligan`. */
  readonly home: string;
  /** The local user: each has a signing key of their own where several share a folder. */
  readonly user: string;
  readonly vault: () => Promise<Vault>;
}

/** The audit trail of a cluster folder. */
export function createAuditDesk({ store, home, user, vault }: AuditDeskOptions): AuditTrail {
  return createAuditTrail({
    store,
    clock: systemClock,
    async signer() {
      const { openSigningKey } = await import("../../core/adapters/audit/signing-key.ts");
      return openSigningKey(signingKeyFile(home, user));
    },
    async redactor(entry) {
      if (!holdsFreeText(entry)) return undefined;
      const secrets = await everySecret(store, vault);
      return secrets.length === 0 ? undefined : (text) => createRedactor(secrets).redactText(text);
    },
  });
}

/** Where a user's key for checkpoints lies. */
export function signingKeyFile(home: string, user: string): string {
  return join(home, `audit-${user.replaceAll(/[^\w.-]/gu, "_")}.key`);
}

/** Everything that is sealed in the store and that this machine can open: what it cannot open it cannot print either. */
async function everySecret(store: Store, vault: () => Promise<Vault>): Promise<readonly NamedSecret[]> {
  if ((await store.list("secrets")).length === 0) return [];
  const box = await vault();
  const found: NamedSecret[] = [];
  for (const { name } of await box.list()) {
    const opened = await box.get(name).catch(() => undefined);
    if (opened !== undefined) found.push({ name, value: opened.secret });
  }
  return found;
}

/** Names, ids and numbers cannot hold a secret that the house knows; words that a person typed can, and opening secrets takes time. */
function holdsFreeText({ action, reason, detail }: AuditEntry): boolean {
  if (action === "exec" || reason !== undefined) return true;
  return typeof detail === "object" && detail !== null && !Array.isArray(detail) && "reason" in (detail as Readonly<Record<string, Json>>);
}
