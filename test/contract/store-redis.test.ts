import { afterAll, beforeAll } from "vitest";
import { openRedisState } from "../../src/core/adapters/store/redis/open.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { describeStoreContract } from "./store-contract.ts";

let server: TestRedis;
let stores = 0;

beforeAll(async () => {
  server = await startRedis(["maxmemory-policy noeviction"]);
});
afterAll(async () => {
  await server.dispose();
});

/** As little room as `room` bytes: the server refuses writes once it holds that much more than now. */
async function leave(room: number): Promise<void> {
  const [, used = "0"] = /used_memory:(\d+)/u.exec(await server.admin.info("memory")) ?? [];
  await server.admin.config("SET", "maxmemory", String(Number(used) + room));
}

describeStoreContract("redis", async () => {
  const url = `redis://127.0.0.1:${server.port}?site=case-${++stores}`;
  return {
    url,
    async open({ clock, room } = {}) {
      const { store } = await openRedisState(url, clock === undefined ? {} : { clock });
      if (room === undefined) return store;
      await leave(room);
      return { ...store, close: async () => void (await Promise.all([server.admin.config("SET", "maxmemory", "0"), store.close()])) };
    },
    dispose: async () => void (await server.admin.flushall()),
  };
});
