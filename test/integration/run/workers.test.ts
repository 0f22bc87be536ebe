import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { counted, counterBarclamp, counts, placeCounters, stepsPerRole } from "../../support/counter.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { testLinks, type TestLinks } from "../../support/nodes.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { startWorker, type WorkerProcess } from "../../support/worker-process.ts";

let lab: TestLab;
let links: TestLinks;
let redis: TestRedis;
let house: EngineHouse | undefined;
let workers: WorkerProcess[] = [];
let round = 0;

beforeAll(async () => {
  [lab, redis] = await Promise.all([startSandbox(2), startRedis(["maxmemory-policy noeviction"])]);
  links = testLinks(lab.targets);
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  workers = [];
});

afterAll(async () => {
  if (house !== undefined) await closeHouse(house);
  await redis?.dispose();
  await links?.end();
  await lab?.dispose();
});

/** A run of the counters' next round that has begun, and what was heard of it. */
async function begin(
  names: readonly string[],
): Promise<{ readonly run: string; readonly events: Recorded[]; readonly end: Promise<void>; until(count: number): Promise<void> }> {
  round += 1;
  const file = writeCluster(lab, placeCounters, { "barclamps/counter/barclamp.yaml": counterBarclamp(round) });
  const state = `redis://127.0.0.1:${redis.port}?site=test`;
  workers = await Promise.all(names.map((name) => startWorker(file, state, name)));
  await house?.close();
  const opened = await openLocalHouse({ file, state });
  house = opened;
  const signal = new AbortController().signal;
  const plan = await opened.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const { run } = await opened.requestRun(plan, "test");
  const events: Recorded[] = [];
  const end = (async () => {
    for await (const { event } of opened.follow(run, signal)) events.push(event);
  })();
  end.catch(() => undefined);
  const until = async (count: number): Promise<void> => {
    while (events.filter((event) => event.type === "step.finished").length < count) await sleep(20);
  };
  return { run, events, end, until };
}

/** Every step of the round ran once, and was told once. */
async function expectOnce(events: readonly Recorded[]): Promise<void> {
  expect(events.at(-1)).toMatchObject({
    type: "run.ended",
    phase: "succeeded",
    nodeRoles: { active: 4, failed: 0, unknown: 0, blocked: 0 },
  });
  const finished = events.filter((event) => event.type === "step.finished").map((event) => `${event.id} ${event.step}`);
  expect(new Set(finished).size).toBe(finished.length);
  expect(finished).toHaveLength(4 * stepsPerRole);
  for (const target of lab.targets) {
    const { connection } = await links.link(target.node);
    for (const role of ["first", "second"]) expect(await counts(connection, role)).toEqual(counted(round));
  }
}

function endedBy(events: readonly Recorded[]): readonly string[] {
  return events.filter((event) => event.type === "job.ended").map((event) => event.worker);
}

test("jobs go to a worker, and its steps come into the journal", { timeout: 180_000 }, async () => {
  const { events, end } = await begin(["w1"]);
  await end;
  await expectOnce(events);
  expect(endedBy(events)).toEqual(["w1", "w1", "w1", "w1"]);
});
