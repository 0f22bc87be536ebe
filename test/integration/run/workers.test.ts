import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { clusterStatus } from "../../../src/core/commands/status-document.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { textFrom } from "../../support/node-text.ts";
import { testLinks, type TestLinks } from "../../support/nodes.ts";
import { parseOpenMetrics } from "../../support/open-metrics.ts";
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

const place = "deployments:\n  all:\n    place:\n      first: { on: all }\n      second: { on: all }\n";

/** A role that counts, waits until the test lets it go on, and counts again; and one that follows it. */
function gateBarclamp(number: number): string {
  const step = (name: string, run: string): string => `      - command: { name: ${name}, run: "${run}" }\n`;
  const count = (what: string): string => step(what, `echo ${what}-${number} >> /root/counts`);
  const wait = step("wait", `while [ ! -e /root/go-${number} ]; do sleep 0.1; done`);
  return `barclamp: gate\nversion: 1.0.0\nroles:\n  first:\n    steps:\n${count("before")}${wait}${count("after")}  second:\n    requires: [first]\n    steps:\n${count("then")}`;
}

/** A run whose first roles wait on both nodes. */
interface Waiting {
  readonly run: string;
  readonly events: Recorded[];
  /** Resolves when the run has ended. */
  readonly end: Promise<void>;
}

async function begin(names: readonly string[], options: readonly string[] = []): Promise<Waiting> {
  round += 1;
  const file = writeCluster(lab, place, { "barclamps/gate/barclamp.yaml": gateBarclamp(round) });
  const state = `redis://127.0.0.1:${redis.port}?site=test`;
  workers = await Promise.all(names.map((name) => startWorker(file, state, `${name}-${round}`, options)));
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
  while (events.filter((event) => event.type === "step.started" && event.step === "command:wait").length < 2) {
    if (events.at(-1)?.type === "run.ended") throw new Error(JSON.stringify(events.at(-1)));
    await sleep(20);
  }
  return { run, events, end };
}

async function letGo(): Promise<void> {
  for (const { node } of lab.targets) await textFrom((await links.link(node)).connection, `touch /root/go-${round}`);
}

/** What the steps of this round counted on each node. */
async function counts(): Promise<readonly string[]> {
  const texts = lab.targets.map(
    async ({ node }) => await textFrom((await links.link(node)).connection, `grep -e -${round} /root/counts | tr '\\n' ' '`),
  );
  return await Promise.all(texts);
}

async function expectOnce(events: readonly Recorded[]): Promise<void> {
  expect(events.at(-1)).toMatchObject({
    type: "run.ended",
    phase: "succeeded",
    nodeRoles: { active: 4, failed: 0, unknown: 0, blocked: 0 },
  });
  const finished = events.filter((event) => event.type === "step.finished").map((event) => `${event.id} ${event.step}`);
  expect(finished.toSorted()).toEqual([...new Set(finished)].toSorted());
  expect(finished).toHaveLength(8);
  expect(await counts()).toEqual(lab.targets.map(() => `before-${round} after-${round} then-${round} `));
}

/** The metrics of a worker by their names. */
async function metricsAt(door: string): Promise<(name: string) => number | undefined> {
  const families = parseOpenMetrics(await (await fetch(`${door}/metrics`)).text());
  return (name) => families.get(`halligan_${name}`)?.samples[0]?.value;
}

function endedBy(events: readonly Recorded[]): readonly string[] {
  return events.filter((event) => event.type === "job.ended").map((event) => event.worker);
}

/** The one among these that says this first. */
async function first(among: readonly WorkerProcess[], what: RegExp): Promise<WorkerProcess> {
  return await Promise.any(among.map(async (worker) => await worker.until(what).then(() => worker)));
}

function others(...gone: readonly WorkerProcess[]): readonly WorkerProcess[] {
  return workers.filter((worker) => !gone.includes(worker));
}

test("jobs of workers that were killed or frozen are found where they are, by the next engine too; a frozen one can do nothing more with them", {
  timeout: 300_000,
}, async () => {
  const { run, events, end } = await begin(["w1", "w2", "w3"]);
  const killed = await first(workers, /n1\/first: begins/u);
  await killed.end("SIGKILL");
  const frozen = await first(others(killed), /n1\/first: takes over/u);
  frozen.child.kill("SIGSTOP");
  const last = await first(others(killed, frozen), /n1\/first: takes over/u);
  // The engine too: the next one finds the job with the worker that has it.
  const engine = await findEngine((house as EngineHouse).store, "test-lab");
  process.kill(engine?.pid ?? 0, "SIGKILL");
  while (!events.some((event) => event.type === "run.resumed")) await sleep(20);
  await letGo();
  await end;
  const told = async (): Promise<unknown> => [
    (await house?.store.read({ stream: `run:${run}`, limit: 1000 }))?.length,
    (await house?.logs.tail({ run, node: "n1", role: "first" }, 10_000))?.next,
  ];
  const before = await told();
  frozen.child.kill("SIGCONT");
  await frozen.until(/given back/u);
  await frozen.end();
  expect(await told()).toEqual(before);
  await expectOnce(events);
  const whose = events.flatMap((event) => (event.type === "job.ended" && event.id === "n1/first" ? [event.worker] : []));
  expect(whose).toEqual([last.name]);
});

test("a worker that is told to end finishes what it has and takes nothing new; the engine does the rest itself", {
  timeout: 300_000,
}, async () => {
  const { events, end } = await begin(["w1"], ["--metrics", "0"]);
  const [worker] = workers;
  const [, door = ""] = /(http:\S+)\/metrics/u.exec(worker?.said() ?? "") ?? [];
  const metric = await metricsAt(door);
  expect([metric("worker_ready"), metric("worker_lease_up"), metric("worker_jobs_running"), metric("worker_jobs_limit")]).toEqual([
    1, 1, 2, 50,
  ]);
  const ending = worker?.end("SIGTERM");
  await worker?.until(/takes nothing new/u);
  expect((await metricsAt(door))("worker_draining")).toBe(1);
  const health = await fetch(`${door}/health`);
  expect([health.status, await health.json()]).toEqual([200, { halligan: 1, kind: "health", healthy: true, reasons: [] }]);
  const listed = (await clusterStatus(house as EngineHouse)).workers.find(({ name }) => name === worker?.name);
  expect(listed).toMatchObject({ site: null, alive: true, draining: true, running: 2, concurrency: 50, problem: null });
  await letGo();
  expect(await ending).toBe(0);
  await end;
  await expectOnce(events);
  expect(endedBy(events)).toEqual([`w1-${round}`, `w1-${round}`]);
});

test("a cancel reaches the jobs of a worker, after the Redis server was killed too", { timeout: 300_000 }, async () => {
  const { run, events, end } = await begin(["w1"]);
  await redis.kill();
  await redis.start();
  await house?.store.append(`run:${run}`, [{ type: "intent.cancel", data: { v: 1, run, by: "test", how: "now" } }]);
  await end;
  expect(events.at(-1)).toMatchObject({ type: "run.ended", phase: "cancelled", nodeRoles: { failed: 2, blocked: 2 } });
  expect(endedBy(events)).toEqual([`w1-${round}`, `w1-${round}`]);
  expect(await counts()).toEqual(lab.targets.map(() => `before-${round} `));
});
