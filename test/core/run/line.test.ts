import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { Holdup, Judge } from "../../../src/core/authority/gate.ts";
import { breakglassUses, checkReason, closeReview, withBreakglass } from "../../../src/core/authority/locks/breakglass.ts";
import { createQueueJudge } from "../../../src/core/authority/locks/queue-judge.ts";
import { hasCode, problem } from "../../../src/core/errors.ts";
import type { RunPass } from "../../../src/core/house.ts";
import { type JournalEvent, runStream, toStored } from "../../../src/core/journal/events.ts";
import type { PlanId, RunId } from "../../../src/core/model/ids.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Fence, Json, Lease, Store } from "../../../src/core/ports.ts";
import { endedEvent } from "../../../src/core/run/ending.ts";
import { engineLease, runEngine } from "../../../src/core/run/engine.ts";
import { openRuns } from "../../../src/core/run/queue.ts";
import { askOfRun, indexEnd, listRuns, plansCollection, readRunState, requestRun } from "../../../src/core/run/requests.ts";
import type { RunState } from "../../../src/core/run/state.ts";
import { planBody, plannedNodeRole } from "./plans.ts";

let folder: string;
let store: Store;
let planned = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-line-"));
  store = await openStore(join(folder, "state.db"));
  planned = 0;
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function makePlan(role = "web"): Promise<Plan> {
  planned += 1;
  const id: PlanId = `P-${planned}`;
  const body = planBody(plannedNodeRole("n1", role));
  const plan: Plan = { id, digest: "sha256:02", body, author: "ann", at: Date.now(), revision: "sha256:01", facts: "sha256:03" };
  await store.put(plansCollection, id, plan as unknown as Json, 0);
  return plan;
}

async function asked(past: RunPass = {}, role?: string): Promise<RunId> {
  return await requestRun(store, await makePlan(role), "ann", Date.now(), past);
}

const holdup = (kind: Holdup["kind"], final = false): Holdup => ({
  kind,
  final,
  problem: problem("LOCK_HELD", { message: "Deployment all is locked by bob: INC-1." }),
});

/** Plays the annealer: starts and ends at once, and waits before that for as long as the gate holds the run. */
function player(gate: Judge | undefined, begun: string[]) {
  return async (run: RunId, plan: Plan, fence: Fence, signal: AbortSignal): Promise<RunState> => {
    const append = async (event: JournalEvent): Promise<unknown> => store.append(runStream(run), [toStored(event)], { fence });
    let held = false;
    while (gate !== undefined && (await gate({ phase: "start", plan, by: "ann", run })).length > 0) {
      if (!held) await append({ type: "run.held", v: 1, run, problems: [holdup("lock").problem] });
      held = true;
      await systemClock.sleep(20);
      signal.throwIfAborted();
    }
    begun.push(run);
    await append({ type: "run.started", v: 1, run, plan: plan.id, digest: plan.digest, by: "ann", nodeRoles: 1, steps: 1, engine: "e" });
    await systemClock.sleep(30, signal);
    await append({ type: "noderole.moved", v: 1, id: "n1/web", state: "active", attempt: 1, changed: 1 });
    const { state } = await readRunState(store, run);
    await append(endedEvent(state, "succeeded", Date.now()));
    return { ...state, phase: "succeeded", endedAt: Date.now() };
  };
}

function engine(gate: Judge | undefined, begun: string[], lingerMs = 100, of: Store = store) {
  const stop = new AbortController();
  const done = runEngine(
    {
      store: of,
      clock: systemClock,
      cluster: "c",
      owner: `o${Math.random()}`,
      lingerMs,
      ...(gate === undefined ? {} : { gate }),
      carryOut: player(gate, begun),
    },
    stop.signal,
  );
  return { done, stop };
}

describe("the line of runs", () => {
  test("runs are carried out in the order in which they were asked for", async () => {
    for (let n = 0; n < 3; n += 1) await asked();
    expect((await openRuns(store)).map((each) => each.run)).toEqual(["R-1", "R-2", "R-3"]);
    const begun: string[] = [];
    await engine(undefined, begun).done;
    expect(begun).toEqual(["R-1", "R-2", "R-3"]);
    expect(await openRuns(store)).toEqual([]);
  });

  test("a run that is asked for while an idle engine leaves, its lease still held, is carried out by that engine", async () => {
    await asked();
    let late = 1;
    const leaving = new Proxy(store, {
      get(target, key) {
        if (key !== "release") return (target[key as keyof Store] as (...args: unknown[]) => unknown).bind(target);
        return async (lease: Lease) => {
          if (late-- > 0) await asked();
          await target.release(lease);
        };
      },
    });
    const begun: string[] = [];
    expect(await engine(undefined, begun, 0, leaving).done).toBe(true);
    expect(begun).toEqual(["R-1", "R-2"]);
  });

  test("an engine that is there for one run leaves when that has ended, and gives up its lease", async () => {
    await asked();
    await asked();
    const begun: string[] = [];
    const told: string[] = [];
    const only = {
      ...{ store, clock: systemClock, cluster: "c", owner: "mine", lingerMs: 0, until: "R-1" as const },
      carryOut: player(undefined, begun),
      onLease: () => void told.push("lease"),
    };
    expect(await runEngine(only, new AbortController().signal)).toBe(true);
    expect(begun).toEqual(["R-1"]);
    expect(told).toEqual(["lease"]);
    expect(await store.holder(engineLease("c"))).toBeUndefined();
    expect((await openRuns(store)).map((each) => each.run)).toEqual(["R-2"]);
  });

  test("a run that nothing holds passes one that is held; that one goes when it is released", async () => {
    await asked();
    await asked();
    let locked = true;
    const gate: Judge = async ({ run }) => (run === "R-1" && locked ? [holdup("lock")] : []);
    const begun: string[] = [];
    const { done } = engine(gate, begun);
    while (begun.length === 0) await systemClock.sleep(10);
    locked = false;
    await done;
    expect(begun).toEqual(["R-2", "R-1"]);
  });

  test("a run that waits alone gives way to one that is asked for later and is free", async () => {
    await asked();
    let locked = true;
    const gate: Judge = async ({ run }) => (run === "R-1" && locked ? [holdup("lock")] : []);
    const begun: string[] = [];
    const { done } = engine(gate, begun);
    while ((await readRunState(store, "R-1")).state.held === undefined) await systemClock.sleep(10);
    await asked();
    while (begun.length === 0) await systemClock.sleep(10);
    expect(begun).toEqual(["R-2"]);
    locked = false;
    await done;
    expect(begun).toEqual(["R-2", "R-1"]);
  });

  test("a cancelled run leaves the line while another goes on, and never begins", async () => {
    await asked();
    await asked();
    await asked();
    const begun: string[] = [];
    const slow: Judge = async () => [];
    const { done } = engine(slow, begun);
    while (begun.length === 0) await systemClock.sleep(5);
    await askOfRun(store, "R-2", { kind: "cancel", how: "after-step" }, "ann");
    await done;
    expect(begun).toEqual(["R-1", "R-3"]);
    const entry = (await listRuns(store)).find((each) => each.run === "R-2");
    expect(entry).toMatchObject({ phase: "cancelled" });
    expect((await readRunState(store, "R-2")).state).toMatchObject({ phase: "cancelled" });
  });

  test("a scheduled run lets others go first, and starts when its time has come", async () => {
    const notBefore = Date.now() + 400;
    await asked({ notBefore });
    await asked();
    const begun: string[] = [];
    await engine(undefined, begun).done;
    expect(begun).toEqual(["R-2", "R-1"]);
    const { state } = await readRunState(store, "R-1");
    expect(state.startedAt).toBeGreaterThanOrEqual(notBefore);
  });

  test("an engine that is only there for one run does not wait for a scheduled one", async () => {
    await asked({ notBefore: Date.now() + 3_600_000 });
    await engine(undefined, [], 0).done;
    expect((await openRuns(store)).map((each) => each.run)).toEqual(["R-1"]);
  });

  test("a run that was begun by an engine that is gone goes first, whatever was asked for before it", async () => {
    await asked();
    await asked();
    const started: JournalEvent = {
      type: "run.started",
      v: 1,
      run: "R-2",
      plan: "P-2",
      digest: "sha256:02",
      by: "ann",
      nodeRoles: 1,
      steps: 1,
      engine: "gone",
    };
    await store.append(runStream("R-2"), [toStored(started)]);
    expect((await openRuns(store)).map((each) => each.run)).toEqual(["R-2", "R-1"]);
  });
});

describe("plans that became old in the queue", () => {
  const judge = (revision: `sha256:${string}` = "sha256:01"): Judge =>
    createQueueJudge({ store, clock: systemClock, revision: async () => revision });

  test("files that were edited end it before it starts", async () => {
    const plan = await makePlan();
    const run = await requestRun(store, plan, "ann", Date.now());
    const [held] = await judge("sha256:99")({ phase: "start", plan, by: "ann", run });
    expect(held).toMatchObject({ final: true, problem: { code: "PLAN_OUTDATED" } });
    expect(held?.problem.hint).toContain("`halligan plan all`");
    expect(await judge("sha256:99")({ phase: "batch", plan, by: "ann", run })).toEqual([]);
    expect(await judge("sha256:99")({ phase: "request", plan, by: "ann" })).toEqual([]);
  });

  test("a run before it that changed the same node-role ends it; one that changed nothing, or another one, does not", async () => {
    const first = await makePlan();
    const second = await makePlan();
    const other = await makePlan("db");
    const runs = [
      await requestRun(store, first, "bob", Date.now()),
      await requestRun(store, second, "ann", Date.now()),
      await requestRun(store, other, "ann", Date.now()),
    ] as const;
    const moved = async (changed: number): Promise<unknown> =>
      store.append(runStream(runs[0]), [toStored({ type: "noderole.moved", v: 1, id: "n1/web", state: "active", attempt: 1, changed })]);
    await moved(0);
    const { state } = await readRunState(store, runs[0]);
    const ended = endedEvent(state, "succeeded", Date.now());
    await store.append(runStream(runs[0]), [toStored(ended)]);
    await indexEnd(store, runs[0], ended, Date.now());
    expect(await judge()({ phase: "start", plan: second, by: "ann", run: runs[1] })).toEqual([]);
    await moved(1);
    const [held] = await judge()({ phase: "start", plan: second, by: "ann", run: runs[1] });
    expect(held).toMatchObject({ final: true, problem: { code: "PLAN_STALE" } });
    expect(held?.problem.message).toContain("R-1 has worked on n1/web");
    expect(await judge()({ phase: "start", plan: other, by: "ann", run: runs[2] })).toEqual([]);
  });

  test("its time is a reason to wait that ends by itself", async () => {
    const plan = await makePlan();
    const notBefore = Date.now() + 60_000;
    const run = await requestRun(store, plan, "ann", Date.now(), { notBefore });
    expect(await judge()({ phase: "start", plan, by: "ann", run })).toMatchObject([
      { final: false, until: notBefore, problem: { code: "RUN_SCHEDULED" } },
    ]);
  });

  test("a run that has begun is not judged by its plan's age again", async () => {
    const plan = await makePlan();
    const run = await requestRun(store, plan, "ann", Date.now());
    const started: JournalEvent = {
      type: "run.started",
      v: 1,
      run,
      plan: plan.id,
      digest: plan.digest,
      by: "ann",
      nodeRoles: 1,
      steps: 1,
      engine: "e",
    };
    await store.append(runStream(run), [toStored(started)]);
    expect(await judge("sha256:99")({ phase: "start", plan, by: "ann", run })).toEqual([]);
  });
});

describe("break-glass", () => {
  const all: readonly Holdup[] = [
    holdup("approval", true),
    holdup("lock"),
    holdup("freeze"),
    holdup("policy", true),
    holdup("rights", true),
    holdup("queue", true),
  ];

  test("gets past approvals, locks, freezes and policy, never past rights and the queue, and says what it passed, once", async () => {
    const plan = await makePlan();
    const run = await requestRun(store, plan, "ann", Date.now(), { breakglass: { reason: "INC-311: shop is down" } });
    const judge = withBreakglass(async () => all, store);
    const question = { phase: "start", plan, by: "ann", run } as const;
    expect(await judge(question)).toEqual(all);
    const broken = { ...question, breakglass: { reason: "INC-311: shop is down" } };
    expect((await judge(broken)).map((each) => each.kind)).toEqual(["rights", "queue"]);
    await judge(broken);
    expect(await store.read({ stream: "breakglass" })).toHaveLength(1);
    const [use] = await breakglassUses(store);
    expect(use).toMatchObject({
      run,
      by: "ann",
      reason: "INC-311: shop is down",
      passed: ["LOCK_HELD: Deployment all is locked by bob: INC-1."],
    });
  });

  test("a store that cannot take the note lets nothing through", async () => {
    const down: Store = { ...store, append: () => Promise.reject(new Error("disk full")) };
    const judge = withBreakglass(async () => all, down);
    const plan = await makePlan();
    await expect(judge({ phase: "batch", plan, by: "ann", run: "R-1", breakglass: { reason: "INC-311: down" } })).rejects.toThrow(
      "disk full",
    );
  });

  test("the review stays open until somebody closes it, once", async () => {
    const run = await asked({ breakglass: { reason: "INC-311: shop is down" } });
    await asked();
    expect((await breakglassUses(store)).map((use) => [use.run, use.reviewed])).toEqual([[run, undefined]]);
    await closeReview(store, run, "cyd", "justified");
    expect((await breakglassUses(store))[0]?.reviewed).toMatchObject({ by: "cyd", note: "justified" });
    const again = await closeReview(store, run, "cyd", "again").catch((error: unknown) => error);
    expect(hasCode(again, "REVIEW_NOT_FOUND")).toBe(true);
    const never = await closeReview(store, "R-2", "cyd", "n").catch((error: unknown) => error);
    expect(hasCode(never, "REVIEW_NOT_FOUND")).toBe(true);
  });

  test.each(["", "         ", "too short", undefined])("`%s` is no reason", (reason) => {
    expect(() => checkReason(reason)).toThrow("REASON_TOO_SHORT");
  });
});
