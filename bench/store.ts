import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { openStore } from "../src/core/adapters/store/open.ts";
import type { Store } from "../src/core/ports.ts";
import { median } from "./figures.ts";
import { eventData, type RawStore, rawRedis, rawSqlite } from "./raw-stores.ts";
import { Missing } from "./rig/requirements.ts";

/** Rates of one way of writing or reading, events a second: the store's, and those of its driver alone in the same run. */
export interface StoreFigures {
  readonly store: string;
  readonly what: string;
  readonly ours: number;
  readonly raw: number;
  /** Load of the machine when it began. */
  readonly load: number;
}

const sequential = 600;
const concurrent = 10_000;
const inFlight = 64;
/** How often the whole journal is followed in one round: once takes less than what else happens on a machine. */
const passes = 5;
const rounds = 3;

/** Measures both stores beside their drivers, in alternating rounds; `folder` is on the disk that is measured. */
export async function measureStore(folder: string): Promise<StoreFigures[]> {
  mkdirSync(folder, { recursive: true });
  const figures: StoreFigures[] = [];
  figures.push(
    ...(await compare("embedded", async (round) => ({
      store: await openStore(join(folder, `ours-${round}.db`)),
      raw: rawSqlite(join(folder, `raw-${round}.db`)),
    }))),
  );
  for (const fsync of ["everysec", "always"]) {
    const server = await startServer(join(folder, fsync), fsync);
    try {
      figures.push(
        ...(await compare(`Redis, ${fsync}`, async () => {
          await server.empty();
          return { store: await openStore(`redis://127.0.0.1:${server.port}?site=bench`), raw: await rawRedis(server.port) };
        })),
      );
    } finally {
      await server.stop();
    }
  }
  return figures;
}

interface Pair {
  readonly store: Store;
  readonly raw: RawStore;
}

async function compare(name: string, open: (round: number) => Promise<Pair>): Promise<StoreFigures[]> {
  const [load = 0] = loadavg();
  const rates = new Map<string, { readonly ours: number[]; readonly raw: number[] }>();
  for (let round = 0; round < rounds; round++) {
    const { store, raw } = await open(round);
    const total = sequential + concurrent;
    const works: readonly (readonly [string, number, () => Promise<void>, () => Promise<void>])[] = [
      ["append, one after another", sequential, () => ourSequence(store), () => rawSequence(raw)],
      [`append, ${inFlight} in flight`, concurrent, () => ourCrowd(store), () => rawCrowd(raw)],
      ["follow from the first on", total * passes, () => again(() => follow(store, total)), () => again(() => readRaw(raw, total))],
    ];
    for (const [what, count, ours, theirs] of works) {
      const kept = rates.get(what) ?? { ours: [], raw: [] };
      rates.set(what, kept);
      const both = [() => timed(count, ours, kept.ours), () => timed(count, theirs, kept.raw)];
      for (const each of round % 2 === 0 ? both : both.toReversed()) await each();
    }
    await store.close();
    await raw.close();
  }
  return [...rates].map(([what, { ours, raw }]) => ({ store: name, what, ours: median(ours), raw: median(raw), load }));
}

async function timed(count: number, work: () => Promise<void>, into: number[]): Promise<void> {
  const began = performance.now();
  await work();
  into.push((count * 1_000) / (performance.now() - began));
}

async function ourAppend(store: Store, number: number, expected?: number): Promise<void> {
  const options = { commandId: `c-${number}`, ...(expected === undefined ? {} : { expected }) };
  await store.append("bench", [{ type: "bench.written", data: eventData(number) }], options);
}

async function ourSequence(store: Store): Promise<void> {
  for (let number = 0; number < sequential; number++) await ourAppend(store, number, number);
}

/** So many writers at once, each with its next event as soon as the one before is on the disk. */
async function ourCrowd(store: Store): Promise<void> {
  let number = sequential;
  const writer = async (): Promise<void> => {
    while (number < sequential + concurrent) await ourAppend(store, number++);
  };
  await Promise.all(Array.from({ length: inFlight }, writer));
}

async function rawSequence(raw: RawStore): Promise<void> {
  for (let number = 0; number < sequential; number++) await raw.append(number);
}

async function rawCrowd(raw: RawStore): Promise<void> {
  for (let from = sequential; from < sequential + concurrent; from += inFlight)
    await raw.together(from, Math.min(inFlight, sequential + concurrent - from));
}

async function follow(store: Store, count: number): Promise<void> {
  const stop = new AbortController();
  let seen = 0;
  for await (const _ of store.subscribe({ after: 0, signal: stop.signal })) if (++seen === count) stop.abort();
}

async function again(work: () => Promise<void>): Promise<void> {
  for (let pass = 0; pass < passes; pass++) await work();
}

async function readRaw(raw: RawStore, count: number): Promise<void> {
  const read = await raw.readAll(1_000);
  if (read !== count) throw new Error(`${read} events read of ${count}`);
}

async function startServer(
  folder: string,
  fsync: string,
): Promise<{ readonly port: number; empty(): Promise<void>; stop(): Promise<void> }> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const settings = [
    "--bind",
    "127.0.0.1",
    "--port",
    String(port),
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    fsync,
  ];
  const child = spawn("redis-server", settings, { stdio: "ignore" });
  const failed = once(child, "error").then(([error]) => {
    throw new Missing(`redis-server does not start: ${String(error)}. Install redis-server and try again.`);
  });
  const admin = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  admin.on("error", () => undefined);
  await Promise.race([admin.ping(), failed, sleep(10_000)]);
  return {
    port,
    empty: async () => void (await admin.flushall()),
    async stop() {
      admin.disconnect();
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
