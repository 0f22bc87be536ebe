import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A real redis-server on loopback, with a folder of its own. */
export interface TestRedis {
  readonly port: number;
  readonly pid: () => number;
  /** A plain client, for what a test does to the server. */
  readonly admin: Redis;
  /** Kills it (-9), or ends it with another signal. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

const given = new Set<number>();

/** A port that was free a moment ago, below those that the system gives to whoever connects; each once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port)) continue;
    given.add(port);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}

/** Starts a server that keeps everything it acknowledges; `settings` are further lines of its configuration. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-redis-"));
  const port = await freePort();
  const lines = ["bind 127.0.0.1", `port ${port}`, `dir ${folder}`, "save ''", "appendonly yes", "appendfsync always", ...settings];
  return await startServer(folder, port, lines, []);
}

/** Servers that belong together, and the address of a store on them. */
export interface TestRedisGroup {
  /** The address for a site. */
  url(site: string): string;
  /** The server that takes writes at first; of a cluster, the one that holds the slot of a site. */
  primary(site: string): Promise<TestRedis>;
  readonly servers: readonly TestRedis[];
  dispose(): Promise<void>;
}

/** A primary with two replicas that have caught up, with the settings of docs/store.md, and three sentinels that know of each other. */
export async function startSentinels(): Promise<TestRedisGroup> {
  const settings = ["repl-diskless-sync-delay 0", "maxmemory-policy noeviction", "min-replicas-to-write 1"];
  const primary = await startRedis(settings);
  const replicas = await together([1, 2].map(() => startRedis([...settings, `replicaof 127.0.0.1 ${primary.port}`])));
  const sentinels = await together([1, 2, 3].map(() => startSentinel("main", primary.port)));
  for (const replica of replicas) await says(replica, "replication", /master_link_status:up/u);
  for (const sentinel of sentinels) await says(sentinel, "sentinel", /slaves=2,sentinels=3/u);
  return groupOf(
    [primary, ...replicas, ...sentinels],
    (site) => `redis-sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/main?site=${site}`,
    () => Promise.resolve(primary),
  );
}

/** Three primaries of a cluster, each with a third of the slots and with so many replicas; with the settings of docs/store.md where there are two. */
export async function startRedisCluster(replicas: 0 | 1 | 2): Promise<TestRedisGroup> {
  const settings = replicas === 2 ? ["min-replicas-to-write 1"] : [];
  const servers = await together(Array.from({ length: 3 + 3 * replicas }, () => startMember(settings)));
  const [first, ...others] = servers as [Member, ...Member[]];
  const primaries = servers.slice(0, 3);
  await Promise.all(primaries.map(({ ask }, third) => ask("ADDSLOTS", ...thirdOfSlots(third))));
  for (const { port, bus } of others) await first.ask("MEET", "127.0.0.1", port, bus);
  for (const { ask } of servers) while ((await ask("NODES")).trim().split("\n").length < servers.length) await sleep(50);
  for (const [number, replica] of servers.slice(3).entries()) {
    await replica.ask("REPLICATE", (await primaries[number % 3]?.ask("MYID")) ?? "");
    await says(replica, "replication", /master_link_status:up/u);
  }
  for (const { ask } of servers) while (!(await ask("INFO")).includes("cluster_state:ok")) await sleep(50);
  return groupOf(
    servers,
    (site) => `redis-cluster://${primaries.map(({ port }) => `127.0.0.1:${port}`).join(",")}?site=${site}`,
    async (site) => primaries[Math.floor((Number(await first.ask("KEYSLOT", `{halligan:${site}}`)) * 3) / slots)] ?? first,
  );
}

const slots = 16_384;

function thirdOfSlots(third: number): readonly number[] {
  const from = Math.ceil((third * slots) / 3);
  return Array.from({ length: Math.ceil(((third + 1) * slots) / 3) - from }, (_, at) => from + at);
}

interface Member extends TestRedis {
  /** The port over which the members speak with each other. */
  readonly bus: number;
  /** A command of `CLUSTER`. */
  ask(...words: readonly (string | number)[]): Promise<string>;
}

async function startMember(settings: readonly string[]): Promise<Member> {
  const bus = await freePort();
  const own = ["cluster-enabled yes", `cluster-port ${bus}`, "cluster-node-timeout 2000", "repl-diskless-sync-delay 0"];
  const server = await startRedis([...own, "maxmemory-policy noeviction", ...settings]);
  return { ...server, bus, ask: async (...words) => String(await server.admin.call("CLUSTER", ...words)) };
}

function groupOf(servers: readonly TestRedis[], url: TestRedisGroup["url"], primary: TestRedisGroup["primary"]): TestRedisGroup {
  return { url, primary, servers, dispose: async () => void (await Promise.all(servers.map((server) => server.dispose()))) };
}

/** All of them; where one did not start, the others are ended. */
async function together<T extends TestRedis>(starting: readonly Promise<T>[]): Promise<readonly T[]> {
  const started = await Promise.allSettled(starting);
  const failed = started.find((each) => each.status === "rejected");
  const servers = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  if (failed === undefined) return servers;
  await Promise.all(servers.map((server) => server.dispose()));
  throw failed.reason;
}

async function says(server: TestRedis, section: string, what: RegExp): Promise<void> {
  while (!what.test(await server.admin.info(section))) await sleep(50);
}

/** Starts a sentinel that watches a primary on loopback and needs one more to agree. */
async function startSentinel(name: string, primaryPort: number): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-sentinel-"));
  const port = await freePort();
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 5000`,
  ];
  return await startServer(folder, port, lines, ["--sentinel"]);
}

async function startServer(folder: string, port: number, lines: readonly string[], options: readonly string[]): Promise<TestRedis> {
  const file = join(folder, "redis.conf"); // a sentinel writes what it learns into it
  writeFileSync(file, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;
  const admin = new Redis({ host: "127.0.0.1", port, lazyConnect: true, maxRetriesPerRequest: null });
  admin.on("error", () => {});

  const start = async (): Promise<void> => {
    const starting = spawn("redis-server", [file, ...options], { stdio: ["ignore", "ignore", "inherit"] });
    child = starting;
    await answers(port, () => starting.exitCode !== null);
  };
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    const process = child;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const exit = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await exit;
  };
  await start();
  return {
    port,
    pid: () => child?.pid ?? 0,
    admin,
    kill,
    start,
    async dispose() {
      admin.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a server answers, for at most a minute, unless it has ended: another one may have taken its port. */
async function answers(port: number, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; ; tries++) {
    const probe = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => null });
    probe.on("error", () => {});
    try {
      await probe.ping();
      return;
    } catch (error) {
      if (tries > 1_200 || hasEnded()) throw error;
      await sleep(50);
    } finally {
      probe.disconnect();
    }
  }
}
