import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openState } from "../../src/core/adapters/store/open.ts";
import { type SnapshotSum, type StateRecord, summing } from "../../src/core/adapters/store/snapshot.ts";
import type { State } from "../../src/core/adapters/store/state.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { codeOf } from "./store-contract.ts";

let folder: string;
let redis: TestRedis;
const states: State[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-copy-"));
  redis = await startRedis();
});
afterAll(async () => {
  for (const { store } of states) await store.close();
  await redis.dispose();
  rmSync(folder, { recursive: true });
});

async function open(url: string, logs: string): Promise<State> {
  const state = await openState({ url, logs: join(folder, logs) });
  states.push(state);
  return state;
}

/** Something of everything, with names that are hard to carry. */
async function fill({ store, logs }: State): Promise<void> {
  const odd = "ström/:\u0000 {x} 😀";
  await store.append(odd, [{ type: odd, data: { [odd]: ["\u2028", -0.1, null] } }], { commandId: odd });
  for (let n = 0; n < 700; n++)
    await store.append(`s-${n % 7}`, [{ type: "counted", data: { n } }], n % 3 === 0 ? { commandId: `c-${n}` } : {});
  for (const key of ["b", "a", odd, "removed"]) await store.put("c", key, { key }, 0);
  await store.put("c", "a", "again", 1);
  await store.delete("c", "removed", 1);
  await store.trim("s-2"); // a stream with a gap
  const lease = await store.acquire("engine:lab", "ann", 60_000);
  if (lease !== undefined) await store.release(lease);
  await store.acquire("engine:lab", "bob", 60_000);
  await logs.append({ run: "R-1", node: "n1", role: "a:b/c" }, Buffer.from([0, 255, 10, 13, 200]));
  await logs.append({ run: "R-1", node: "n2", role: "web" }, Buffer.from("x".repeat(2_000_000)));
}

async function sumOf({ snapshots }: State): Promise<SnapshotSum> {
  const { records, sum } = summing(snapshots.dump());
  for await (const record of records) void record;
  return sum();
}

test("a store goes from a file to Redis and back, and is the same everywhere", { timeout: 60_000 }, async () => {
  const first = await open(join(folder, "first.db"), "first-logs");
  await fill(first);
  const sum = await sumOf(first);
  expect(sum).toMatchObject({ events: 603, documents: 4, logs: 2 });

  const shared = await open(`redis://127.0.0.1:${redis.port}?site=copy`, "unused");
  await shared.snapshots.restore(first.snapshots.dump());
  expect(await sumOf(shared)).toEqual(sum);
  const back = await open(join(folder, "back.db"), "back-logs");
  await back.snapshots.restore(shared.snapshots.dump());
  expect(await sumOf(back)).toEqual(sum);

  for (const { store, logs } of [shared, back]) {
    // It goes on where the first one stood: versions, commands, revisions, tokens, positions.
    expect(await codeOf(store.append("s-1", [{ type: "counted", data: 0 }], { expected: 3 }))).toBe("VERSION_CONFLICT");
    expect(await store.append("s-0", [{ type: "counted", data: 0 }], { commandId: "c-0" })).toMatchObject({ duplicate: true, version: 1 });
    expect((await store.append("s-1", [{ type: "counted", data: 0 }], { expected: 100 })).position).toBe(702);
    expect(await store.get("c", "a")).toEqual({ key: "a", value: "again", rev: 2 });
    expect(await store.get("c", "removed")).toBeUndefined();
    expect(await store.put("c", "removed", 1, 0)).toBe(2);
    expect((await store.list("c")).map(({ key }) => key)).toEqual(["a", "b", "removed", "ström/:\u0000 {x} 😀"]);
    expect(await store.holder("engine:lab")).toBeUndefined();
    expect((await store.acquire("engine:lab", "cy", 60_000))?.token).toBe(3);
    const { bytes } = await logs.tail({ run: "R-1", node: "n1", role: "a:b/c" }, 10);
    expect([...bytes]).toEqual([0, 255, 10, 13, 200]);
  }
});

test("a copy never mixes two stores, and one that breaks leaves a file empty", async () => {
  const used = await open(join(folder, "used.db"), "used-logs");
  await used.store.put("c", "k", 1, 0);
  const other = await open(`redis://127.0.0.1:${redis.port}?site=used`, "unused");
  await other.store.put("c", "k", 1, 0);
  for (const { snapshots } of [used, other]) expect(await codeOf(snapshots.restore(used.snapshots.dump()))).toBe("STORE_NOT_EMPTY");
  async function* breaking(): AsyncGenerator<StateRecord> {
    yield { kind: "event", position: 1, stream: "a", version: 1, type: "t", at: 0, data: null };
    throw new Error("the source is gone");
  }
  const empty = await open(join(folder, "empty.db"), "empty-logs");
  await expect(empty.snapshots.restore(breaking())).rejects.toThrow(/./u);
  expect(await empty.store.head()).toBe(0);
});
