import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openQueue } from "../../../src/core/adapters/queue/bullmq.ts";
import { openRedisState } from "../../../src/core/adapters/store/redis/open.ts";
import type { Store } from "../../../src/core/ports.ts";
import { freePort, startRedis, startRedisCluster, startSentinels, type TestRedis } from "../../support/redis.ts";
import { codeOf } from "../../contract/store-contract.ts";

const servers: { dispose(): Promise<void> }[] = [];
const stores: Store[] = [];

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(servers.splice(0).map((server) => server.dispose()));
});

async function server(settings: readonly string[] = []): Promise<TestRedis> {
  const started = await startRedis(settings);
  servers.push(started);
  return started;
}

async function open(url: string): Promise<Store> {
  const { store } = await openRedisState(url);
  stores.push(store);
  return store;
}

const event = (n: number): { type: string; data: number } => ({ type: "counted", data: n });

/** Everything that a store does once, through whatever stands between. */
async function works(store: Store): Promise<void> {
  const stop = new AbortController();
  const first = (async () => {
    for await (const each of store.subscribe({ after: 0, signal: stop.signal })) return each.data;
    return undefined;
  })();
  expect((await store.append("a", [event(1), event(2)], { expected: 0, commandId: "c" })).version).toBe(2);
  expect((await store.append("a", [event(1)], { commandId: "c" })).duplicate).toBe(true);
  expect(await first).toBe(1);
  stop.abort();
  expect(await store.put("c", "k", { v: 1 }, 0)).toBe(1);
  expect(await store.list("c", "k")).toEqual([{ key: "k", value: { v: 1 }, rev: 1 }]);
  const lease = await store.acquire("engine", "ann", 60_000);
  expect(lease?.token).toBe(1);
  if (lease !== undefined) await store.append("a", [event(3)], { fence: lease });
  expect(await codeOf(store.append("a", [event(4)], { fence: { lease: "engine", token: 0 } }))).toBe("FENCED");
}

describe.each([
  ["by Sentinel", startSentinels],
  ["of a Cluster", () => startRedisCluster(2)],
])("a failover %s", (_, start) => {
  test.each<[what: string, signal: NodeJS.Signals]>([
    ["killed", "SIGKILL"],
    ["frozen", "SIGSTOP"],
  ])("a primary that is %s: writer and reader go on with the new one", { timeout: 180_000 }, async (_what, signal) => {
    const group = await start();
    servers.push(group);
    const primary = await group.primary("s");
    const store = await open(group.url("s"));
    await works(store);
    const stop = new AbortController();
    const told = (async () => {
      for await (const { stream } of store.subscribe({ after: 3, signal: stop.signal })) return stream;
      return undefined;
    })();
    process.kill(primary.pid(), signal);
    for (let n = 0; ; n++) {
      const code = await codeOf(store.append("after", [event(1)], { commandId: "after" }));
      if (code === "no error") break;
      expect(code).toBe("STORE_UNAVAILABLE");
      expect(n).toBeLessThan(10);
    }
    expect(await told).toBe("after");
    stop.abort();
    expect((await store.read({ stream: "a" })).map((each) => each.data)).toEqual([1, 2, 3]);
    expect(await store.read({ stream: "after" })).toHaveLength(1);
  });
});

test("a Redis Cluster: one store lies in one slot", { timeout: 120_000 }, async () => {
  const group = await startRedisCluster(0);
  servers.push(group);
  for (const site of ["one", "two", "three"]) await works(await open(group.url(site)));
});

test("a Cluster that is addressed by names whose servers call each other by number: who has to connect again goes on writing", {
  timeout: 120_000,
}, async () => {
  const group = await startRedisCluster(2);
  servers.push(group);
  const primary = await group.primary("one");
  const named = `redis-cluster://localhost:${primary.port},${group
    .url("one")
    .replace(/^.*\/\//u, "")
    .replaceAll("127.0.0.1", "localhost")}`;
  const store = await open(named);
  await works(store);
  await primary.admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  for (const n of [1, 2, 3]) await store.append("again", [event(n)], { commandId: `again-${n}` });
  expect((await store.read({ stream: "again" })).map((each) => each.data)).toEqual([1, 2, 3]);
});

test("a slot that moves to another server of a Cluster takes its store along", { timeout: 120_000 }, async () => {
  const group = await startRedisCluster(0);
  servers.push(group);
  const primary = await group.primary("one");
  const store = await open(group.url("one"));
  await works(store);
  const other = group.servers.find((each) => each !== primary) ?? primary;
  const ask = async ({ admin }: TestRedis, ...words: readonly string[]): Promise<string> => String(await admin.call("CLUSTER", ...words));
  const slot = await ask(primary, "KEYSLOT", "{halligan:one}");
  const [from, to] = [await ask(primary, "MYID"), await ask(other, "MYID")];
  await ask(other, "SETSLOT", slot, "IMPORTING", from);
  await ask(primary, "SETSLOT", slot, "MIGRATING", to);
  const written = [2, 3, 4].map((n) => store.append("meanwhile", [event(n)], { commandId: `${n}` }));
  const keys = (await primary.admin.call("CLUSTER", "GETKEYSINSLOT", slot, 1_000)) as string[];
  await primary.admin.call("MIGRATE", "127.0.0.1", other.port, "", 0, 5_000, "KEYS", ...keys);
  for (const each of group.servers) await ask(each, "SETSLOT", slot, "NODE", to);
  await Promise.all(written);
  expect((await store.read({ stream: "meanwhile" })).map((each) => each.data).sort()).toEqual([2, 3, 4]);
  expect((await store.read({ stream: "a" })).map((each) => each.data)).toEqual([1, 2, 3]);
});

test("a Redis Cluster with a user who has no more rights than documented: store and queue", { timeout: 120_000 }, async () => {
  const group = await startRedisCluster(2);
  servers.push(group);
  const folder = mkdtempSync(join(tmpdir(), "halligan-acl-"));
  servers.push({ dispose: async () => rmSync(folder, { recursive: true }) });
  writeFileSync(join(folder, "password"), "a pass word\n");
  const url = `${group.url("prod")}&user=halligan&passwordFile=${folder}/password`;
  for (const { admin } of group.servers) await admin.call("ACL", "SETUSER", "halligan", ...documentedRights.user);
  await works(await open(url));
  const queue = await openQueue(url, undefined);
  const delivered = Promise.withResolvers<unknown>();
  const work = await queue.work("here", 1, async ({ data }) => delivered.resolve(data));
  try {
    await queue.send("here", { id: "one", data: { n: 1 } });
    expect(await delivered.promise).toEqual({ n: 1 });
  } finally {
    await work.end(true);
    await queue.close();
  }
});

test("TLS with a certificate of one's own on both sides, and a user with no more rights than documented", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-tls-"));
  servers.push({ dispose: async () => rmSync(folder, { recursive: true }) });
  const ssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  ssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=test ca",
  );
  writeFileSync(join(folder, "ext"), "subjectAltName=IP:127.0.0.1\n");
  ssl(
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    "own.key",
    "-out",
    "own.csr",
    "-subj",
    "/CN=own",
  );
  ssl("x509", "-req", "-in", "own.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext", "-out", "own.crt");
  writeFileSync(join(folder, "password"), "a pass word\n");
  const tls = await freePort();
  const redis = await server([
    `tls-port ${tls}`,
    ...["tls-cert-file own.crt", "tls-key-file own.key", "tls-ca-cert-file ca.crt"].map((line) => line.replace(" ", ` ${folder}/`)),
    "tls-auth-clients yes",
  ]);
  await redis.admin.call("ACL", "SETUSER", "halligan", ...documentedRights.user);
  const login = `user=halligan&passwordFile=${folder}/password&ca=${folder}/ca.crt`;
  const url = (site: string, more: string): string => `rediss://127.0.0.1:${tls}?site=${site}&${login}${more}`;
  const own = `&cert=${folder}/own.crt&key=${folder}/own.key`;
  await works(await open(url("prod", own)));
  expect(await codeOf(openRedisState(url("other", own)))).toBe("STORE_UNAVAILABLE"); // not its keys
  expect(await codeOf(openRedisState(url("prod", "")))).toBe("STORE_UNAVAILABLE"); // no certificate
  writeFileSync(join(folder, "password"), "wrong");
  await expect(openRedisState(url("prod", own))).rejects.toMatchObject({ message: expect.stringContaining("refuses the password") });
});

/** What docs/store.md tells operators to give. */
const documentedRights = {
  user: [
    ...["on", ">a pass word", "~{halligan:prod}:*", "&{halligan:prod}:*", "-@all"],
    ...["+@read", "+@write", "+@connection", "+@scripting", "+@blocking", "+info", "+time", "-@dangerous", "+info"],
  ],
} as const;
