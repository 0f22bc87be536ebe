import { hasCode } from "../errors.ts";
import type { Json, Store } from "../ports.ts";

/** Keeps a document under the digest of its content: whoever comes second has the same to say. */
export async function putOnce(store: Store, collection: string, key: string, value: Json): Promise<void> {
  if ((await store.get(collection, key)) !== undefined) return;
  try {
    await store.put(collection, key, value, 0);
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody kept the same content at the same moment
  }
}
