import { hasCode } from "../errors.ts";
import type { Blob, ResolvedStep } from "../jigs/resolved.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { AppliedNodeRole } from "../plan/applied.ts";
import type { Json, Store } from "../ports.ts";

/** Collection of what stands on the nodes: key `NODE/ROLE`. */
const appliedCollection = "applied";

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

/** Records that a node-role is active. One that stands as it stood before keeps its record: plan, run and time tell when that came about. */
export async function recordApplied(store: Store, record: AppliedRecord): Promise<void> {
  const value = encode(record);
  for (;;) {
    const before = await store.get<Json>(appliedCollection, record.id);
    if (before !== undefined && sameStand(before.value, value)) return;
    try {
      await store.put(appliedCollection, record.id, value, before?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

/** Records that a node-role is gone. */
export async function forgetApplied(store: Store, id: NodeRoleId): Promise<void> {
  for (;;) {
    const before = await store.get<Json>(appliedCollection, id);
    if (before === undefined) return;
    try {
      await store.delete(appliedCollection, id, before.rev);
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
