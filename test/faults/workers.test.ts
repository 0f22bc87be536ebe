import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSimCluster } from "../../bench/sim/cluster.ts";
import { type Simulator, startSimulator } from "../../bench/sim/simulator.ts";
import type { EngineHouse } from "../../src/cli/house/house.ts";
import { openLocalHouse } from "../../src/cli/house/open.ts";
import type { Recorded } from "../../src/core/journal/events.ts";
import { closeHouse } from "../support/close-house.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { startWorker, type WorkerProcess } from "../support/worker-process.ts";

// Many node-roles over three workers, of which two are killed: 10,000 in the long form, some dozens in the short one.
const long = process.env["HALLIGAN_FAULTS"] === "long";
const nodes = long ? 1_000 : 12;
const roles = long ? 10 : 4;
/** With the three of the hub. */
const nodeRoles = nodes * roles + 3;

let folder: string;
let simulator: Simulator;
let redis: TestRedis;
let house: EngineHouse | undefined;
let workers: readonly WorkerProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-workers-"));
  [simulator, redis] = await Promise.all([
    startSimulator(join(folder, "simulator"), { nodes, latencyMs: 20, pauseMs: 5 }),
    startRedis(["maxmemory-policy noeviction"]),
  ]);
  writeSimCluster(folder, simulator, roles);
}, 120_000);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  if (house !== undefined) await closeHouse(house);
  await redis?.dispose();
  await simulator?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** What was under way when a worker was killed, and when. */
interface Kill {
  readonly at: number;
  readonly underWay: ReadonlySet<string>;
}

test(`${nodeRoles} node-roles over three workers of which two are killed, each once`, { timeout: 1_500_000 }, async () => {
  const file = join(folder, "cluster.yaml");
  const state = `redis://127.0.0.1:${redis.port}?site=test`;
  workers = await Promise.all(["w1", "w2", "w3"].map((name) => startWorker(file, state, name)));
  const opened = await openLocalHouse({ file, state });
  house = opened;
  const { signal } = new AbortController();
  const plan = await opened.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const { run } = await opened.requestRun(plan, "test");
  const events: Recorded[] = [];
  let active = 0;
  const following = (async () => {
    for await (const { event } of opened.follow(run, signal)) {
      events.push(event);
      if (event.type === "noderole.moved" && event.state === "active") active += 1;
    }
  })();
  following.catch(() => undefined);
  const kills: Kill[] = [];
  for (const [index, share] of [0.2, 0.5].entries()) {
    while (active < nodeRoles * share && events.at(-1)?.type !== "run.ended") await sleep(20);
    await workers[index]?.end("SIGKILL");
    kills.push({ at: Date.now(), underWay: underWay(events) });
  }
  await following;

  expect(events.at(-1)).toMatchObject({
    type: "run.ended",
    phase: "succeeded",
    nodeRoles: { active: nodeRoles, failed: 0, unknown: 0, blocked: 0 },
  });
  expect(await simulator.counts()).toMatchObject({ begun: nodeRoles, begunAgain: 0 });
  const finished = events.filter((event) => event.type === "step.finished").map((event) => `${event.id} ${event.section} ${event.step}`);
  expect(new Set(finished).size).toBe(finished.length);
  const ended = events.filter((event) => event.type === "job.ended");
  expect(new Set(ended.map((event) => event.id)).size).toBe(nodeRoles);
  expect(ended).toHaveLength(nodeRoles);
  for (const { at, underWay: then } of kills) {
    expect(then.size).toBeGreaterThan(0);
    const last = Math.max(...ended.filter((event) => then.has(event.id)).map((event) => event.at));
    process.stdout.write(`${then.size} jobs were under way when a worker was killed; the last of them ended ${last - at} ms later\n`);
  }
  const [first, final] = [events.find((event) => event.type === "run.started"), events.at(-1)];
  process.stdout.write(`${nodeRoles} node-roles in ${((final?.at ?? 0) - (first?.at ?? 0)) / 1000} s\n`);
});

/** Node-roles whose jobs were sent and have not ended. */
function underWay(events: readonly Recorded[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const event of events) {
    if (event.type === "noderole.moved" && event.state === "transition") open.add(event.id);
    if (event.type === "job.ended") open.delete(event.id);
  }
  return open;
}
