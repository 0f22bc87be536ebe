import { randomBytes } from "node:crypto";
import { hasCode } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";

/** The 8 hex digits that name this store on nodes, so that jobs and fencing tokens of different stores are never mixed up. Made once. */
export async function storeId(store: Store): Promise<string> {
  for (;;) {
    const doc = await store.get<string>("store", "id");
    if (doc !== undefined) return doc.value;
    try {
      const id = randomBytes(4).toString("hex");
      await store.put("store", "id", id, 0);
      return id;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}
