import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
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

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server that keeps everything it acknowledges; `settings` are further lines of its configuration. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-redis-"));
  const port = await freePort();
  const lines = ["bind 127.0.0.1", `port ${port}`, `dir ${folder}`, "save ''", "appendonly yes", "appendfsync always", ...settings];
  return await startServer(folder, port, lines, []);
}

/** Starts a sentinel that watches a primary on loopback and needs one more to agree. */
export async function startSentinel(name: string, primaryPort: number): Promise<TestRedis> {
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
    child = spawn("redis-server", [file, ...options], { stdio: ["ignore", "ignore", "inherit"] });
    await answers(port);
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

/** Waits until a server answers, for at most a minute. */
async function answers(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const probe = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => null });
    probe.on("error", () => {});
    try {
      await probe.ping();
      return;
    } catch (error) {
      if (tries > 1_200) throw error;
      await sleep(50);
    } finally {
      probe.disconnect();
    }
  }
}
