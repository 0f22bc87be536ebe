import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { openLogs } from "../../../src/core/adapters/logs.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { fail } from "../../../src/core/errors.ts";
import { type JournalEvent, runStream, toStored } from "../../../src/core/journal/events.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Json, Store } from "../../../src/core/ports.ts";
import { readRun } from "../../../src/core/run/annealer.ts";
import { plansCollection, requestRun } from "../../../src/core/run/requests.ts";
import { createRunViews } from "../../../src/core/run/workers/run-view.ts";
import { createWorker, type Worker } from "../../../src/core/run/workers/worker.ts";
import { planBody, plannedNodeRole } from "./plans.ts";
import { wideIntake } from "../../support/wide-intake.ts";

let folder: string;
let store: Store;
let worker: Worker;
let asked: string[];
let leaving: AbortController;
const { signal } = new AbortController();

const delivery = {
  id: "R-1.1.7.n1/web",
  data: { kind: "job", run: "R-1", id: "n1/web", attempt: 1, job: "feedbeef.R-1.1.web", token: 7, attachFirst: false, staleness: "exact" },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-worker-"));
  store = await openStore(join(folder, "state.db"));
  asked = [];
  leaving = new AbortController();
  const empty = { compiled: { script: [], artefacts: [], steps: [] }, secrets: [], checks: [] };
  // All nodes are away: that a node was asked for tells that the job would have been begun.
  const site = {
    intake: wideIntake,
    workshop: { prepare: () => empty, observe: () => empty, misfit: () => undefined, record: () => ({}) } as never,
    logs: openLogs(join(folder, "logs")),
    clock: systemClock,
    scope: "feedbeef",
    limits: { patienceMs: 1000, checkDeadlineMs: 1000 },
    link: async (node: string): Promise<never> => {
      asked.push(node);
      throw fail("HOST_UNREACHABLE", { message: `${node} is away.`, at: { node } });
    },
  };
  worker = createWorker({
    store,
    clock: systemClock,
    name: "w1",
    owner: "deck:1",
    leaving: leaving.signal,
    prepare: async () => site,
    log: () => undefined,
    onTally: () => undefined,
  });
  const body = planBody(plannedNodeRole("n1", "web"));
  const plan: Plan = { id: "P-1", digest: "sha256:02", body, author: "ann", at: 1, revision: "sha256:01", facts: "sha256:03" };
  await store.put(plansCollection, plan.id, plan as unknown as Json, 0);
  await requestRun(store, plan, "ann", 1);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function say(...events: readonly JournalEvent[]): Promise<void> {
  await store.append(runStream("R-1"), events.map(toStored));
}

const sent: JournalEvent = { type: "noderole.moved", v: 1, id: "n1/web", state: "transition", attempt: 1, job: "feedbeef.R-1.1.web" };

async function ended(): Promise<readonly unknown[]> {
  return (await readRun(store, "R-1")).flatMap((event) => (event.type === "job.ended" ? [event.outcome] : []));
}

test("a job that the engine waits for is carried out, and its end is put down once", async () => {
  await say(sent);
  await worker.handle(delivery, false, signal);
  await worker.handle(delivery, true, signal);
  expect(await ended()).toMatchObject([{ end: "failed", problem: { code: "HOST_UNREACHABLE" } }]);
  expect(asked).toEqual(["n1"]);
  // The turn is over: the next one has a higher token.
  expect(await store.holder("node:n1")).toBeUndefined();
});

test("what nobody waits for is not touched: not sent by the engine, another attempt, moved on", async () => {
  await worker.handle(delivery, false, signal);
  await say({ ...sent, attempt: 2, job: "feedbeef.R-1.2.web" });
  await worker.handle(delivery, false, signal);
  await say(sent, { type: "noderole.moved", v: 1, id: "n1/web", state: "active", attempt: 1, changed: 1 });
  await worker.handle(delivery, false, signal);
  await worker.handle({ id: "x", data: { ...delivery.data, run: "R-9" } }, false, signal);
  await worker.handle({ id: "x", data: { kind: "something newer" } }, false, signal);
  expect(asked).toEqual([]);
  expect(await ended()).toEqual([]);
});

test("a job of a cancelled run that was not sent is not begun", async () => {
  await say(sent, { type: "intent.cancel", v: 1, run: "R-1", by: "ann", how: "after-step" });
  await worker.handle(delivery, false, signal);
  expect(asked).toEqual([]);
  expect(await ended()).toMatchObject([{ end: "failed", problem: { code: "RUN_CANCELLED" } }]);
});

test("while its run is paused a job waits; one that ends gives it back", async () => {
  await say(sent, { type: "intent.pause", v: 1, run: "R-1", by: "ann" });
  const working = worker.handle(delivery, false, signal);
  while ((await store.holder("node:n1")) === undefined) await systemClock.sleep(5);
  await systemClock.sleep(50);
  expect(asked).toEqual([]);
  await say({ type: "intent.resume", v: 1, run: "R-1", by: "ann" });
  await working;
  expect(asked).toEqual(["n1"]);
});

test("waits while somebody else has the turn on the node, and gives the job back when it shall end", async () => {
  await say(sent);
  const other = await store.acquire("node:n1", "engine", 600_000);
  const working = worker.handle(delivery, false, signal);
  working.catch(() => undefined); // looked at below
  await systemClock.sleep(50);
  expect(asked).toEqual([]);
  leaving.abort();
  await expect(working).rejects.toThrow("aborted");
  expect((await store.holder("node:n1"))?.token).toBe(other?.token);
  expect(await ended()).toEqual([]);
});

test("a run of which the store has lost events is read anew", async () => {
  let present = store;
  const reads = { read: (query: Parameters<Store["read"]>[0]) => present.read(query), get: store.get.bind(store) } as Store;
  await say(sent, { type: "intent.cancel", v: 1, run: "R-1", by: "ann", how: "now" });
  const view = await createRunViews(reads, async () => undefined as never).of("R-1");
  expect(await view?.refresh()).toMatchObject({ cancel: "now", paused: false });

  present = await openStore(join(folder, "behind.db"));
  try {
    for (const { type, data } of (await store.read({ stream: runStream("R-1") })).slice(0, -1))
      await present.append(runStream("R-1"), [{ type, data }]);
    await present.append(runStream("R-1"), [toStored({ type: "intent.pause", v: 1, run: "R-1", by: "ann" })]);
    const { cancel, paused } = (await view?.refresh()) ?? {};
    expect([cancel, paused]).toEqual([undefined, true]);
  } finally {
    await present.close();
  }
});
