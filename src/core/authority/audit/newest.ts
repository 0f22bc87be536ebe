import type { Store, StoredEvent } from "../../ports.ts";

/**
 * The newest event of a stream, found by doubling and halving, in about twice as many reads as the number of versions has binary digits.
 * `from` is a version that is known to be there (0 = none).
 */
export async function newestOf(store: Pick<Store, "read">, stream: string, from: number): Promise<StoredEvent | undefined> {
  const after = async (version: number): Promise<StoredEvent | undefined> => (await store.read({ stream, after: version, limit: 1 }))[0];
  let found = await after(Math.max(0, from - 1));
  if (found === undefined) return from > 0 ? newestOf(store, stream, 0) : undefined;
  let step = 1;
  let none = Number.POSITIVE_INFINITY; // nothing stands behind this version
  while (none - found.version > 0) {
    const probe: number = none === Number.POSITIVE_INFINITY ? found.version + step - 1 : Math.floor((found.version + none) / 2);
    const next = await after(probe);
    if (next === undefined) none = probe;
    else found = next;
    step *= 2;
  }
  return found;
}
