import { loadPeople } from "../../files/load-people.ts";
import type { Digest } from "../../model/ids.ts";
import type { Json, Store } from "../../ports.ts";
import { putOnce } from "../../run/put-once.ts";
import type { People } from "../people.ts";

/** Collection of documents that decide who may do what, by digest. */
const collection = "authority";

/** Keeps the text of a people.yaml, so that what was asked for under it can be judged by it later as well. */
export async function keepPeople(store: Store, digest: Digest, text: string): Promise<void> {
  await putOnce(store, collection, `people:${digest}`, { text });
}

/** A people.yaml as it was when something was asked for, without links; `undefined` when the store does not have it. */
export async function readKeptPeople(store: Store, digest: Digest): Promise<People | undefined> {
  const doc = await store.get<Json>(collection, `people:${digest}`);
  const text = (doc?.value as { readonly text?: unknown } | undefined)?.text;
  if (typeof text !== "string") return undefined;
  const { people } = loadPeople({ file: "people.yaml", text });
  // The store is no place to make oneself a part of it: the text must be the one that the digest names.
  return people?.digest === digest ? people : undefined;
}
