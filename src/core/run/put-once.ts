import { hasCode } from "../errors.ts";
import type { Json, Store } from "../ports.ts";

/** Keeps a document under the digest of its content: whoever comes second has the same to say. */
export async function putOnce(store: Store, collection: string, key: string, value: Json): Promise<void> {
  if ((await store.get(collection, key)) === undefined) await putNew(store, collection, key, value);
}

/** The same for one of a few large documents: that it is there already is told by its name, without reading it or making it anew. */
export async function putLargeOnce(store: Store, collection: string, key: string, make: () => Json): Promise<void> {
  if (!(await store.keys(collection)).includes(key)) await putNew(store, collection, key, make());
}

async function putNew(store: Store, collection: string, key: string, value: Json): Promise<void> {
  try {
    await store.put(collection, key, value, 0);
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody kept the same content at the same moment
  }
}
