import { hasCode } from "../errors.ts";
import type { Facts } from "../model/facts.ts";
import type { Digest } from "../model/ids.ts";
import type { Clock, Doc, EpochMs, Store } from "../ports.ts";
import { diffFacts } from "./diff.ts";
import { factsDigest } from "./stable.ts";

/** Facts as the store keeps them: the latest in collection `facts` under `<cluster>/<node>`, older ones in `facts-history`. */
export type FactsRecord = {
  /** Of the stable part. */
  readonly digest: Digest;
  readonly facts: Facts;
  readonly observedAt: EpochMs;
};

/** Data of the event `node.seen`: the stable facts of a node are new or have changed. */
export type NodeSeen = {
  readonly v: 1;
  readonly node: string;
  readonly digest: Digest;
  /** Paths of `diffFacts`; empty when the node was seen for the first time. */
  readonly changed: readonly string[];
};

const latest = "facts";
const history = "facts-history";
const bodiesKept = 20;
const attempts = 5;

/**
 * Keeps an observation. The latest facts are always replaced; when their stable part changed, `node.seen` is appended to the stream
 * `node:<node>` (once, however often a crash makes this start again) and the body goes to the history, of which the last 20 are kept.
 * Problems: `VERSION_CONFLICT` when other processes record the same node all the time, and the store's.
 */
export async function recordFacts(store: Store, cluster: string, node: string, facts: Facts, clock: Clock): Promise<FactsRecord> {
  const record: FactsRecord = { digest: factsDigest(facts), facts, observedAt: clock.now() };
  for (let attempt = 1; ; attempt++) {
    try {
      await recordOnce(store, cluster, node, record);
      return record;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT") || attempt === attempts) throw error;
    }
  }
}

async function recordOnce(store: Store, cluster: string, node: string, record: FactsRecord): Promise<void> {
  const key = `${cluster}/${node}`;
  const previous = await store.get<FactsRecord>(latest, key);
  if (previous?.value.digest !== record.digest) {
    await keepBody(store, key, record);
    const changed = previous === undefined ? [] : diffFacts(previous.value.facts, record.facts).map((change) => change.path);
    const data: NodeSeen = { v: 1, node, digest: record.digest, changed };
    // the document's revision makes the id unique per change and equal for a repetition of the same change
    const commandId = `facts:${key}:${previous?.rev ?? 0}:${record.digest}`;
    await store.append(`node:${node}`, [{ type: "node.seen", data }], { commandId });
  }
  await store.put(latest, key, record, previous?.rev ?? 0);
}

async function keepBody(store: Store, key: string, record: FactsRecord): Promise<void> {
  const own = `${key}/${record.digest}`;
  const old = await store.get<FactsRecord>(history, own);
  await store.put(history, own, record, old?.rev ?? 0);
  for (const doc of (await bodies(store, key)).slice(bodiesKept)) await store.delete(history, doc.key, doc.rev);
}

/** Newest first. */
async function bodies(store: Store, key: string): Promise<readonly Doc<FactsRecord>[]> {
  const docs = await store.list<FactsRecord>(history, `${key}/`);
  return docs.toSorted((a, b) => b.value.observedAt - a.value.observedAt || (a.key < b.key ? -1 : 1));
}

/** The latest facts of a node, if it was ever seen. */
export async function readFacts(store: Store, cluster: string, node: string): Promise<FactsRecord | undefined> {
  return (await store.get<FactsRecord>(latest, `${cluster}/${node}`))?.value;
}

/** The latest facts of all nodes of a cluster that were ever seen, by node name. */
export async function readAllFacts(store: Store, cluster: string): Promise<ReadonlyMap<string, FactsRecord>> {
  const prefix = `${cluster}/`;
  const docs = await store.list<FactsRecord>(latest, prefix);
  return new Map(docs.map((doc) => [doc.key.slice(prefix.length), doc.value]));
}

/** The latest facts of all nodes of a cluster that were ever seen, and when that was, ms since 1970. */
export async function factsByNode(store: Store, cluster: string): Promise<Map<string, { readonly facts: Facts; readonly at: EpochMs }>> {
  const records = await readAllFacts(store, cluster);
  return new Map([...records].map(([node, { facts, observedAt }]) => [node, { facts, at: observedAt }]));
}

/** Observations of a node whose stable part differed from the one before, newest first, at most 20. */
export async function factsHistory(store: Store, cluster: string, node: string): Promise<readonly FactsRecord[]> {
  return (await bodies(store, `${cluster}/${node}`)).map((doc) => doc.value);
}
