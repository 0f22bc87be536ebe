import { afterEach, beforeEach, expect, test } from "vitest";
import { openRedisState } from "../../../src/core/adapters/store/redis/open.ts";
import type { Fence, Store } from "../../../src/core/ports.ts";
import { codeOf } from "../../contract/store-contract.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

let redis: TestRedis;
const stores: Store[] = [];

beforeEach(async () => {
  redis = await startRedis(["maxmemory-policy noeviction"]);
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await redis.dispose();
});

async function open(): Promise<Store> {
  const { store } = await openRedisState(`redis://127.0.0.1:${redis.port}?site=emptied`);
  stores.push(store);
  return store;
}

test("whoever held a lease when the server was emptied has lost it, and can write nothing with it", { timeout: 60_000 }, async () => {
  const [engine, other] = [await open(), await open()];
  const write = async (store: Store, fence: Fence): Promise<string> =>
    await codeOf(store.append("run:R-1", [{ type: "t", data: null }], { fence }));
  const held = await engine.acquire("engine", "first", 60_000);
  if (held === undefined) throw new Error("nobody else holds it");
  expect([held.token, await write(engine, held)]).toEqual([1, "no error"]);

  await redis.admin.flushall();
  expect(await write(engine, held)).toBe("FENCED");
  const again = await engine.acquire("engine", "first", 60_000);
  expect(again?.token).toBe(2); // not the token that it had: it learns that the lease was lost
  expect([await write(engine, held), await write(engine, again ?? held)]).toEqual(["FENCED", "no error"]);
  expect(await other.acquire("engine", "second", 60_000)).toBeUndefined();
  expect((await engine.acquire("engine", "first", 60_000))?.token).toBe(2);
});

test("who follows a journal when the server is emptied is told so", { timeout: 60_000 }, async () => {
  const store = await open();
  const stop = new AbortController();
  for (let number = 0; number < 3; number++) await store.append("s", [{ type: "t", data: number }]);
  const following = (async () => {
    for await (const { position } of store.subscribe({ after: 0, signal: stop.signal })) if (position === 3) await redis.admin.flushall();
  })();
  expect(await codeOf(following)).toBe("STORE_UNAVAILABLE");
});

test("who follows a journal is told when an event that was given has another one in its place, and may follow anew", {
  timeout: 60_000,
}, async () => {
  const store = await open();
  const stop = new AbortController();
  for (let number = 1; number <= 3; number++) await store.append("s", [{ type: "t", data: number }]);
  const seen: unknown[] = [];
  const following = (async () => {
    for await (const { position, data } of store.subscribe({ after: 0, signal: stop.signal })) {
      seen.push(data);
      if (position === 3) await replaceThird();
    }
  })();
  await expect(following).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("another event") });
  expect(seen).toEqual([1, 2, 3]);
  for await (const { position, data } of store.subscribe({ after: 2, signal: stop.signal })) {
    expect(data).toBe(`other ${position}`);
    if (position === 4) return;
  }
});

/** What a replica looks like that took over without the third event, and was written to since. */
async function replaceThird(): Promise<void> {
  const [events, head] = ["events", "head"].map((key) => `{halligan:emptied}:${key}`) as [string, string];
  const change = redis.admin.multi().xdel(events, "3-0").call("XSETID", events, "2-0");
  for (const n of [3, 4]) change.xadd(events, `${n}-0`, "s", "s", "v", n, "t", "t", "a", 1, "d", JSON.stringify(`other ${n}`));
  const answers = await change.set(head, 4).exec();
  expect(answers?.map(([error]) => error)).toEqual(Array(5).fill(null));
}
