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
