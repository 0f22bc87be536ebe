import { createHash } from "node:crypto";
import { factsDigest } from "../inventory/stable.ts";
import type { Facts } from "../model/facts.ts";
import type { Digest } from "../model/ids.ts";
import type { Json, Store } from "../ports.ts";
import { putLargeOnce } from "./put-once.ts";

/** Facts of all nodes as plans were made with them: an engine renders from these and not from newer ones. */
const collection = "plan-facts";

/** Keeps a set of facts; the same stable facts are kept once. Returns the key. */
export async function keepFacts(store: Store, facts: ReadonlyMap<string, Facts>): Promise<Digest> {
  const nodes = [...facts.keys()].toSorted();
  const hash = createHash("sha256");
  for (const node of nodes) {
    const each = facts.get(node);
    if (each !== undefined) hash.update(`${node}\0${factsDigest(each)}\0`);
  }
  const key: Digest = `sha256:${hash.digest("hex")}`;
  await putLargeOnce(store, collection, key, () => Object.fromEntries(facts) as unknown as Json);
  return key;
}

/** Reads a set of facts back; empty when it is not there. */
export async function readKeptFacts(store: Store, key: Digest): Promise<ReadonlyMap<string, Facts>> {
  const doc = await store.get<Json>(collection, key);
  return new Map(Object.entries((doc?.value ?? {}) as unknown as Record<string, Facts>));
}
