import { fail } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";

/** Marks a store whose content lives elsewhere from now on. @throws `VERSION_CONFLICT` when it is marked already. */
export async function markMoved(store: Store, to: string, at: number): Promise<void> {
  await store.put("store", "moved", { to, at }, 0);
}

/** @throws `STORE_MOVED` for a store that was copied elsewhere. */
export async function refuseMoved(store: Store): Promise<void> {
  const moved = await store.get<{ readonly to: string; readonly at: number }>("store", "moved");
  if (moved === undefined) return;
  const { to, at } = moved.value;
  throw fail("STORE_MOVED", {
    message: `The state of this cluster was moved to ${to} on ${new Date(at).toISOString()}.`,
    hint: `Use \`--state ${to}\`.`,
  });
}
