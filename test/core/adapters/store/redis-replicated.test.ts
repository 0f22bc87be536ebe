import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openRedisState } from "../../../../src/core/adapters/store/redis/open.ts";
import type { Store, StoredEvent } from "../../../../src/core/ports.ts";
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

/** Follows a store from its beginning. */
function follower(of: Store, signal: AbortSignal): AsyncIterator<StoredEvent> {
  return of.subscribe({ after: 0, signal })[Symbol.asyncIterator]();
}

/** Does something with another process' view of the store; the replica goes on afterwards, whatever happened to it. */
async function besideAnother(work: (other: Store, signal: AbortSignal) => Promise<void>): Promise<void> {
  const { store: other } = await openRedisState(`redis://127.0.0.1:${primary.port}?site=replicated-${stores}`);
  const stop = new AbortController();
  try {
    await work(other, stop.signal);
  } finally {
    process.kill(replica.pid(), "SIGCONT");
    stop.abort();
    await other.close();
  }
}

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

test("a follower is told of an event once a replica has it, and whoever only looks sees it a little later in any case", {
  timeout: 120_000,
}, async () => {
  await store.append("s", [event]);
  await besideAnother(async (other, signal) => {
    const follows = follower(store, signal);
    expect(await follows.next()).toMatchObject({ value: { position: 1 } });
    process.kill(replica.pid(), "SIGSTOP");
    const change = other.append("s", [event]);
    const told = follows.next();
    expect(await soon(change)).toBe("open");
    expect(await primary.admin.get(`{halligan:replicated-${stores}}:head`)).toBe("2");
    expect(await soon(told)).toBe("open");
    expect(await store.read({ stream: "s" })).toHaveLength(2);
    expect(await soon(told)).toBe("open");
    process.kill(replica.pid(), "SIGCONT");
    await change;
    expect(await told).toMatchObject({ value: { position: 2 } });
  });
});

test("a follower of a store that has lost its replicas is told so, and goes on where it was", { timeout: 120_000 }, async () => {
  await besideAnother(async (other, signal) => {
    process.kill(replica.pid(), "SIGSTOP");
    const change = other.append("s", [event]).catch(() => undefined);
    const refused = follower(store, signal).next();
    await expect(refused).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("too few replicas") });
    await change;
    process.kill(replica.pid(), "SIGCONT");
    expect(await follower(store, signal).next()).toMatchObject({ value: { position: 1 } });
  });
});

test("a follower writes nothing while nothing is appended", { timeout: 120_000 }, async () => {
  const stop = new AbortController();
  const first = follower(store, stop.signal).next();
  const marker = `{halligan:replicated-${stores}}:marker`;
  expect(await soon(first)).toBe("open");
  expect(await primary.admin.exists(marker)).toBe(0);
  await store.append("s", [event]);
  expect(await first).toMatchObject({ value: { position: 1 } });
  expect(await primary.admin.exists(marker)).toBe(1);
  stop.abort();
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
