import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { counted, counterBarclamp, counts, placeCounters, stepsPerRole } from "../../support/counter.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { testLinks, type TestLinks } from "../../support/nodes.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

let lab: TestLab;
let links: TestLinks;
let redis: TestRedis;
let house: EngineHouse;

beforeAll(async () => {
  [lab, redis] = await Promise.all([startSandbox(2), startRedis(["maxmemory-policy noeviction"])]);
  links = testLinks(lab.targets);
});

afterAll(async () => {
  await closeHouse(house);
  await redis?.dispose();
  await links?.end();
  await lab?.dispose();
});

test("a run on a store in Redis outlives kill -9 of the Redis server and of the engine; every step runs exactly once", {
  timeout: 180_000,
}, async () => {
  const file = writeCluster(lab, placeCounters, { "barclamps/counter/barclamp.yaml": counterBarclamp(1) });
  house = await openLocalHouse({ file, state: `redis://127.0.0.1:${redis.port}?site=test` });
  const signal = new AbortController().signal;
  const plan = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const { run } = await house.requestRun(plan, "test");
  const events: Recorded[] = [];
  const following = (async () => {
    for await (const { event } of house.follow(run, signal)) events.push(event);
  })();
  const moved = async (count: number): Promise<void> => {
    while (events.filter((event) => event.type === "step.finished").length < count) await sleep(20);
  };
  for (const count of [2, 7]) {
    await moved(count);
    await redis.kill();
    await sleep(300);
    await redis.start();
  }
  await moved(10);
  const engine = await findEngine(house.store, "test-lab");
  if (engine !== undefined) process.kill(engine.pid, "SIGKILL");
  await following;

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
    for (const role of ["first", "second"]) expect(await counts(connection, role)).toEqual(counted(1));
  }
  const log = await house.logs.tail({ run, node: "n1", role: "first" }, 1000);
  expect(log.next).toBe(log.bytes.length);
});
