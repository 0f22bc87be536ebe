import type { Vault } from "../../core/adapters/secrets/vault.ts";
import type { Store } from "../../core/ports.ts";
import type { NamedSecret } from "../../core/run/redactor.ts";

/** Everything that is sealed in the store and that this machine can open: what it cannot open it cannot print either. */
export async function everySecret(store: Store, vault: () => Promise<Vault>): Promise<readonly NamedSecret[]> {
  if ((await store.list("secrets")).length === 0) return [];
  const box = await vault();
  return (await box.values()).map(({ name, secret }) => ({ name, value: secret }));
}
