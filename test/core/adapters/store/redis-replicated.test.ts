import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openRedisState } from "../../../../src/core/adapters/store/redis/open.ts";
import type { Store } from "../../../../src/core/ports.ts";
import { startRedis, type TestRedis } from "../../../support/redis.ts";

let primary: TestRedis;
let replica: TestRedis;
let store: Store;
let stores = 0;

beforeAll(async () => {
  primary = await startRedis(["repl-diskless-sync-delay 0", "min-replicas-max-lag 60"]);
  replica = await startRedis([`replicaof 127.0.0.1 ${primary.port}`]);
  while (!(await replica.admin.info("replication")).includes("master_link_status:up")) await sleep(20);
}, 120_000);

afterAll(async () => {
  await store?.close();
  await Promise.all([primary, replica].map((server) => server?.dispose()));
});

beforeEach(async () => {
  await primary.admin.config("SET", "min-replicas-to-write", "1");
  await store?.close();
  stores += 1;
  ({ store } = await openRedisState(`redis://127.0.0.1:${primary.port}?site=replicated-${stores}`));
});

const event = { type: "counted", data: { n: 1 } };

/** What becomes of a promise within half a second. */
async function soon(promise: Promise<unknown>): Promise<"kept" | "open"> {
  return await Promise.race([promise.then(() => "kept" as const), sleep(500, "open" as const)]);
}

test("where the server wants a replica for its writes, a change is acknowledged once one has it, and happens once", {
  timeout: 120_000,
}, async () => {
  process.kill(replica.pid(), "SIGSTOP");
  const changes = [
    store.append("s", [event]),
    store.append("s", [event]),
    store.put("c", "k", 1, 0),
    store.acquire("engine:lab", "deck:1", 600_000),
  ];
  try {
    for (const change of changes) expect(await soon(change)).toBe("open");
    // longer than it is waited for before everything is asked again
    await sleep(1_500);
  } finally {
    process.kill(replica.pid(), "SIGCONT");
  }
  const [first, second] = await Promise.all(changes);
  expect([first, second]).toMatchObject([{ version: 1 }, { version: 2 }]);
  expect(await store.read({ stream: "s" })).toHaveLength(2);
});

test("without that setting nobody waits for a replica", { timeout: 120_000 }, async () => {
  await primary.admin.config("SET", "min-replicas-to-write", "0");
  process.kill(replica.pid(), "SIGSTOP");
  try {
    await store.append("s", [event]);
  } finally {
    process.kill(replica.pid(), "SIGCONT");
  }
  expect(await store.read({ stream: "s" })).toHaveLength(1);
});

test("a server that refuses for want of replicas is asked again until it has them", { timeout: 120_000 }, async () => {
  await primary.admin.config("SET", "min-replicas-to-write", "2");
  const change = store.append("s", [event]);
  expect(await soon(change)).toBe("open");
  await primary.admin.config("SET", "min-replicas-to-write", "1");
  await change;
  expect(await store.read({ stream: "s" })).toHaveLength(1);
});
