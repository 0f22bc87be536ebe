import { hasCode } from "../errors.ts";
import type { Blob, ResolvedStep } from "../jigs/resolved.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { AppliedNodeRole } from "../plan/applied.ts";
import type { Json, Store } from "../ports.ts";

/** Collection of what stands on the nodes: key `NODE/ROLE`. */
const appliedCollection = "applied";
/** Collection of what may be left on the nodes by node-roles that failed: the same records, by the same keys. */
const remainsCollection = "remains";

/** One node-role as it was last made active. */
export interface AppliedRecord extends AppliedNodeRole {
  readonly plan: string;
  readonly run: string;
  /** When, in ms since the epoch. */
  readonly at: number;
  /** Values that its steps gave. */
  readonly lateOutputs: Readonly<Record<string, string>>;
}

/** All node-roles that are active. */
export async function readApplied(store: Store): Promise<AppliedRecord[]> {
  return (await store.list<Json>(appliedCollection)).map((doc) => decode(doc.value));
}

/** What stands, without the steps that take it away: those are most of a record. */
export type Standing = Omit<AppliedRecord, "undo">;

/** All node-roles that are active, for who does not take them away. */
export async function readStanding(store: Store): Promise<readonly Standing[]> {
  return (await store.list<Json>(appliedCollection, "", { without: "undo" })).map((doc) => doc.value as unknown as Standing);
}

/** What stands, told apart: for each node-role that is active the digest of what it was applied with. */
export async function standingDigests(store: Store): Promise<ReadonlyMap<string, string>> {
  const docs = await store.list<{ readonly digest: string }>(appliedCollection, "", { only: "digest" });
  return new Map(docs.map(({ key, value }) => [key, value.digest]));
}

/** The ids of all node-roles that are active. */
export async function standingIds(store: Store): Promise<ReadonlySet<string>> {
  return new Set(await store.keys(appliedCollection));
}

/** What node-roles that did not come to their end may have left on their nodes, with the steps that take it away. */
export async function readRemains(store: Store): Promise<AppliedRecord[]> {
  return (await store.list<Json>(remainsCollection)).map((doc) => decode(doc.value));
}

/** Everything that can be taken away: what stands, and what was left by node-roles that failed. What was left knows of what stood before. */
export function takeable(applied: readonly AppliedRecord[], remains: readonly AppliedRecord[]): readonly AppliedRecord[] {
  return [...new Map([...applied, ...remains].map((each) => [each.id, each])).values()];
}

/** Records what a node-role that failed may have left behind. */
export async function recordRemains(store: Store, record: AppliedRecord): Promise<void> {
  await replace(store, remainsCollection, record.id, encode(record));
}

/** Records that a node-role is active. One that stands as it stood before keeps its record: plan, run and time tell when that came about. */
export async function recordApplied(store: Store, record: AppliedRecord): Promise<void> {
  await replace(store, appliedCollection, record.id, encode(record));
  await remove(store, remainsCollection, record.id);
}

/** Records that a node-role is gone. */
export async function forgetApplied(store: Store, id: NodeRoleId): Promise<void> {
  await remove(store, appliedCollection, id);
  await remove(store, remainsCollection, id);
}

async function replace(store: Store, collection: string, key: string, value: Json): Promise<void> {
  for (;;) {
    const before = await store.get<Json>(collection, key);
    if (before !== undefined && sameStand(before.value, value)) return;
    try {
      await store.put(collection, key, value, before?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

async function remove(store: Store, collection: string, key: string): Promise<void> {
  for (;;) {
    const before = await store.get<Json>(collection, key);
    if (before === undefined) return;
    try {
      await store.delete(collection, key, before.rev);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

/** Equal in everything but when it was recorded. Both were made by `encode`, so the order of keys is the same. */
function sameStand(one: Json, other: Json): boolean {
  const stand = (value: Json): string => JSON.stringify({ ...(value as Readonly<Record<string, Json>>), plan: "", run: "", at: 0 });
  return stand(one) === stand(other);
}

function encode(record: AppliedRecord): Json {
  const undo = record.undo.map((step) => ({
    ...step,
    blobs: Object.fromEntries(
      Object.entries(step.blobs).map(([name, blob]) => [name, { digest: blob.digest, bytes: Buffer.from(blob.bytes).toString("base64") }]),
    ),
  }));
  return { ...record, undo } as unknown as Json;
}

function decode(value: Json): AppliedRecord {
  const record = value as unknown as AppliedRecord;
  const undo = record.undo.map(
    (step): ResolvedStep => ({
      ...step,
      blobs: Object.fromEntries(Object.entries(step.blobs).map(([name, blob]) => [name, bytesOf(blob)])),
    }),
  );
  return { ...record, undo };
}

function bytesOf(blob: Blob): Blob {
  return { digest: blob.digest, bytes: Buffer.from(blob.bytes as unknown as string, "base64") };
}
