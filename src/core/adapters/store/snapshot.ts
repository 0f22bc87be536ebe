import { createHash } from "node:crypto";
import { fail } from "../../errors.ts";
import type { Json, LogName } from "../../ports.ts";

/** One thing of a store, as it is copied. A snapshot is a sequence of them, always in the same order for the same content. */
export type StateRecord =
  | {
      readonly kind: "event";
      readonly position: number;
      readonly stream: string;
      readonly version: number;
      readonly type: string;
      readonly at: number;
      readonly data: Json;
    }
  /** An append that must not happen again. */
  | { readonly kind: "command"; readonly stream: string; readonly id: string; readonly version: number; readonly position: number }
  /** Without a value: it was removed, and its revisions are not used again. */
  | { readonly kind: "document"; readonly collection: string; readonly key: string; readonly rev: number; readonly value?: Json }
  /** The newest token; who holds the lease is not copied. */
  | { readonly kind: "lease"; readonly name: string; readonly token: number }
  | ({ readonly kind: "log"; readonly base64: string } & LogName);

/** How much a snapshot holds, and the SHA-256 over its records as JSON lines. */
export interface SnapshotSum {
  readonly events: number;
  readonly documents: number;
  readonly logs: number;
  readonly digest: string;
}

/** Reads everything of a store, or fills an empty one. Nothing may write meanwhile: who calls sees to that. */
export interface Snapshots {
  dump(): AsyncIterable<StateRecord>;
  /** Names of all leases that were ever held, sorted. */
  leases(): Promise<readonly string[]>;
  /** @throws `STORE_NOT_EMPTY`, `STORE_FULL`, `STORE_UNAVAILABLE`. */
  restore(records: AsyncIterable<StateRecord>): Promise<void>;
}

/** One record as a line of a snapshot file, without the line's end. */
export function recordLine(record: StateRecord): string {
  return JSON.stringify(sorted(record));
}

/** Passes records on and sums them up; the sum is complete when the last one has been taken. */
export function summing(records: AsyncIterable<StateRecord>): { readonly records: AsyncIterable<StateRecord>; sum(): SnapshotSum } {
  const hash = createHash("sha256");
  const counts = { event: 0, command: 0, document: 0, lease: 0, log: 0 };
  async function* passing(): AsyncGenerator<StateRecord> {
    for await (const record of records) {
      hash.update(`${recordLine(record)}\n`);
      counts[record.kind] += 1;
      yield record;
    }
  }
  let digest: string | undefined;
  return {
    records: passing(),
    sum: () => ({
      events: counts.event,
      documents: counts.document,
      logs: counts.log,
      digest: (digest ??= `sha256:${hash.digest("hex")}`),
    }),
  };
}

/** The error of a copy whose target has something in it. */
export function notEmpty(where: string): Error {
  return fail("STORE_NOT_EMPTY", { message: `The store ${where} is not empty: a copy never mixes two stores.` });
}

/** Keys in one order, whatever order they were made in; the data itself stays as it is. */
function sorted(record: StateRecord): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
