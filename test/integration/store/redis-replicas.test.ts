import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replicated } from "../../../src/core/adapters/store/redis/replicated.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

let primary: TestRedis;
let replicas: readonly [TestRedis, TestRedis];
let redis: Redis;

beforeAll(async () => {
  primary = await startRedis(["repl-diskless-sync-delay 0", "min-replicas-to-write 1"]);
  const replica = (): Promise<TestRedis> => startRedis(["repl-diskless-sync-delay 0", `replicaof 127.0.0.1 ${primary.port}`]);
  replicas = await Promise.all([replica(), replica()]);
  redis = new Redis(primary.port);
  redis.on("error", () => undefined);
  await bothFollow();
}, 60_000);

afterAll(async () => {
  redis?.disconnect();
  await Promise.all([primary, ...(replicas ?? [])].map((each) => each?.dispose()));
});

async function bothFollow(): Promise<void> {
  while (!/connected_slaves:2[\s\S]*slave0:.*state=online[\s\S]*slave1:.*state=online/u.test(await primary.admin.info("replication")))
    await new Promise((done) => setTimeout(done, 20));
}

/** A change on a connection of its own to the primary; what the other servers say is `undisputed`. */
async function changeWhile(undisputed: boolean, before: (connection: Redis) => Promise<void>): Promise<string> {
  const connection = redis.duplicate();
  connection.on("error", () => undefined);
  let asked = 0;
  const isUndisputed = (): Promise<boolean> => {
    asked += 1;
    return Promise.resolve(undisputed);
  };
  const safely = replicated(connection, { where: "redis://here", marker: "marker", withinMs: 1_500, isUndisputed });
  try {
    await safely.change(() => connection.set("first", "1"));
    expect(asked).toBe(0);
    await before(connection);
    return await safely.change(() => connection.set("second", "2")).catch((error: { code?: string }) => String(error.code));
  } finally {
    connection.disconnect();
  }
}

test("a replica that is left is not enough where another one has taken the primary's place: the change is refused, and with nobody who says so it counts", async () => {
  const [one] = replicas;
  const leaves = async (): Promise<void> => void (await one.admin.call("REPLICAOF", "NO", "ONE"));
  const follows = async (): Promise<void> => {
    await one.admin.call("REPLICAOF", "127.0.0.1", String(primary.port));
    await bothFollow();
  };
  expect(await changeWhile(false, leaves)).toBe("STORE_UNAVAILABLE");
  await follows();
  expect(await changeWhile(true, leaves)).toBe("OK");
  await follows();
});

test("on a connection that is not the first, the other servers are asked before anything counts", async () => {
  const again = async (connection: Redis): Promise<void> => {
    const closed = new Promise((done) => connection.once("close", done));
    connection.disconnect(true);
    await closed;
  };
  expect(await changeWhile(false, again)).toBe("STORE_UNAVAILABLE");
  expect(await changeWhile(true, again)).toBe("OK");
});
