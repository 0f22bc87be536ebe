import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { openLogs } from "../../../src/core/adapters/logs.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { GateQuestion, Holdup, Judge } from "../../../src/core/authority/gate.ts";
import { fail, problem } from "../../../src/core/errors.ts";
import { runStream, toStored } from "../../../src/core/journal/events.ts";
import type { Plan, PlanBody } from "../../../src/core/model/plan.ts";
import type { Clock, Json, Store } from "../../../src/core/ports.ts";
import { carryOut, readRun } from "../../../src/core/run/annealer.ts";
import { createLocalExecutor } from "../../../src/core/run/local-executor.ts";
import { askOfRun, plansCollection, requestRun } from "../../../src/core/run/requests.ts";
import type { RunState } from "../../../src/core/run/state.ts";
import { planBody, plannedNodeRole } from "./plans.ts";
import { wideIntake } from "../../support/wide-intake.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-held-"));
  store = await openStore(join(folder, "state.db"));
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const frozen: Holdup = { kind: "freeze", problem: problem("RUN_ACTIVE", { message: "Not now." }), final: false };
const barred: Holdup = { kind: "approval", problem: problem("RUN_ACTIVE", { message: "Not ever." }), final: true };

/** A judge that answers as it is told and notes what it was asked. */
function scripted(): { judge: Judge; asked: GateQuestion[]; answer: (question: GateQuestion) => readonly Holdup[] } {
  const script = {
    asked: [] as GateQuestion[],
    answer: (_question: GateQuestion): readonly Holdup[] => [],
    judge: async (question: GateQuestion): Promise<readonly Holdup[]> => {
      script.asked.push(question);
      return script.answer(question);
    },
  };
  return script;
}

async function asked(body: PlanBody): Promise<Plan> {
  const plan: Plan = { id: "P-1", digest: "sha256:02", body, author: "ann", at: 1, revision: "sha256:01", facts: "sha256:03" };
  await store.put(plansCollection, plan.id, plan as unknown as Json, 0);
  await requestRun(store, plan, "ann", 1);
  return plan;
}

/** An engine whose nodes are all away: what it starts fails at once, which tells that it was started. */
async function engine(
  plan: Plan,
  gate: Judge,
  clock: Clock = systemClock,
): Promise<{ readonly end: Promise<RunState>; kill(): Promise<void> }> {
  const lease = await store.acquire("engine:test", `deck:${systemClock.now()}`, 60_000);
  if (lease === undefined) throw new Error("another engine of the test holds the lease");
  const stop = new AbortController();
  const away = async (node: string): Promise<never> => {
    throw fail("HOST_UNREACHABLE", { message: `${node} is away.`, at: { node } });
  };
  const empty = { compiled: { script: [], artefacts: [], steps: [] }, secrets: [] };
  const workshop = { prepare: () => empty, observe: () => empty, misfit: () => undefined, record: () => ({ id: "n1/web", undo: [] }) };
  const fence = { lease: lease.lease, token: lease.token };
  const site = {
    intake: wideIntake,
    workshop: workshop as never,
    logs: openLogs(join(folder, "logs")),
    clock,
    scope: "feedbeef",
    link: away,
    limits: { patienceMs: 1000, checkDeadlineMs: 1000 },
  };
  const options = {
    store,
    clock,
    fence,
    scope: "feedbeef",
    engine: "deck:1",
    plan,
    gate,
    workshop: workshop as never,
    executor: createLocalExecutor(site, fence),
    limits: { maxJobs: 10 },
  };
  const end = carryOut("R-1", options, stop.signal);
  end.catch(() => undefined); // looked at by the test
  return {
    end,
    async kill() {
      stop.abort(new Error("killed"));
      await expect(end).rejects.toThrow("killed");
      await store.release(lease);
    },
  };
}

async function types(): Promise<readonly string[]> {
  return (await readRun(store, "R-1")).map((event) => (event.type === "noderole.moved" ? `${event.id} ${event.state}` : event.type));
}

/** Waits until the run's journal has an event of this kind `times` times. */
async function until(type: string, times = 1): Promise<void> {
  const deadline = systemClock.now() + 20_000;
  while ((await types()).filter((each) => each === type).length < times) {
    if (systemClock.now() > deadline) throw new Error(`no ${type} in ${(await types()).join(", ")}`);
    await systemClock.sleep(10);
  }
}

const oneAfterOther = planBody(plannedNodeRole("n1", "web"), plannedNodeRole("n2", "proxy"));

describe("a run at its gates", () => {
  test("is held before it starts, says so once, and starts when nothing stands in the way any more", async () => {
    const script = scripted();
    script.answer = () => [{ ...frozen, until: systemClock.now() + 120 }];
    const { end } = await engine(await asked(oneAfterOther), script.judge);
    await until("run.held");
    while (script.asked.length < 3) await systemClock.sleep(10);
    script.answer = () => [];
    expect((await end).phase).toBe("failed");
    const story = await types();
    expect(story.slice(0, 4)).toEqual(["intent.run", "run.held", "run.released", "run.started"]);
    expect(story.filter((each) => each === "run.held")).toHaveLength(1);
    expect(script.asked.map((each) => each.phase)).toContain("batch");
    expect(script.asked[0]).toMatchObject({ phase: "start", by: "ann", run: "R-1" });
  });

  test("goes on when somebody takes it over whom nothing holds, while an engine holds it", async () => {
    const script = scripted();
    script.answer = ({ owner }) => (owner === "bob" ? [] : [{ ...frozen, until: systemClock.now() + 120 }]);
    const { end } = await engine(await asked(oneAfterOther), script.judge);
    await until("run.held");
    await store.append(runStream("R-1"), [toStored({ type: "run.handed", v: 1, run: "R-1", from: "ann", to: "bob" })]);
    expect(await end).toMatchObject({ by: "ann", owner: "bob", phase: "failed" });
    expect((await types()).slice(0, 5)).toEqual(["intent.run", "run.held", "run.handed", "run.released", "run.started"]);
  });

  test("is held between waves when the reason came after the first one", async () => {
    const script = scripted();
    const rollout = { batch: { nodes: 1 }, maxFailures: 9, onUnreachable: "skip-and-report" } as const;
    const plan = await asked(planBody(plannedNodeRole("n1", "web", { rollout }), plannedNodeRole("n2", "web", { rollout })));
    let looks = 0;
    // Time runs so fast that judging seems to take seconds and the second batch comes a second after the first: it is judged for itself all the same.
    const clock = { ...systemClock, now: () => systemClock.now() + (looks += 1) * 1_100 };
    script.answer = ({ starting }) => (starting?.includes("n2/web") === true ? [frozen] : []);
    const { kill } = await engine(plan, script.judge, clock);
    await until("run.held");
    expect(await types()).toEqual(expect.arrayContaining(["n1/web transition", "n1/web error"]));
    expect(await types()).not.toContain("n2/web transition");
    expect(script.asked.at(-1)).toMatchObject({ phase: "batch", starting: ["n2/web"] });
    await kill();
  });

  test("stays held when its engine is killed, and the next engine judges anew", async () => {
    const script = scripted();
    script.answer = () => [frozen];
    const plan = await asked(oneAfterOther);
    const first = await engine(plan, script.judge);
    await until("run.held");
    await first.kill();
    const before = script.asked.length;
    const second = await engine(plan, script.judge);
    while (script.asked.length === before) await systemClock.sleep(10);
    expect(await types()).toEqual(["intent.run", "run.held"]);
    await second.kill();
    const third = await engine(plan, async () => []);
    expect((await third.end).phase).toBe("failed");
    expect((await types()).slice(0, 4)).toEqual(["intent.run", "run.held", "run.released", "run.started"]);
  });

  test.each(["after-step", "now", "abandon"] as const)(
    "that is held before its start can be cancelled (%s); nothing was started",
    async (how) => {
      const { end } = await engine(await asked(oneAfterOther), async () => [frozen]);
      await until("run.held");
      await askOfRun(store, "R-1", { kind: "cancel", how }, "ann");
      expect((await end).phase).toBe("cancelled");
      expect((await types()).some((each) => each.endsWith(" transition"))).toBe(false);
      expect((await types()).at(-1)).toBe("run.ended");
    },
  );

  test("that is paused while it is held starts nothing when the hold ends, until it is resumed", async () => {
    const script = scripted();
    script.answer = ({ phase }) => (phase === "batch" ? [{ ...frozen, until: systemClock.now() + 60 }] : []);
    const { end } = await engine(await asked(oneAfterOther), script.judge);
    await until("run.held");
    await askOfRun(store, "R-1", { kind: "pause" }, "ann");
    script.answer = () => [];
    await systemClock.sleep(1_500);
    expect((await types()).some((each) => each.endsWith(" transition"))).toBe(false);
    await askOfRun(store, "R-1", { kind: "resume" }, "ann");
    await end;
    expect(await types()).toEqual(expect.arrayContaining(["run.released", "n1/web transition"]));
  });

  test("ends as failed, with the reason, when the gates will not open for it: before its start and between waves", async () => {
    const plan = await asked(oneAfterOther);
    const { end } = await engine(plan, async ({ phase }) => (phase === "batch" ? [barred] : []));
    const state = await end;
    expect(state.phase).toBe("failed");
    const last = (await readRun(store, "R-1")).at(-1);
    expect(last).toMatchObject({
      type: "run.ended",
      nodeRoles: { blocked: 2 },
      problems: [{ message: "Not ever." }, { message: "Not ever." }],
    });
  });

  test("ends before it started when its start is refused for good", async () => {
    const { end } = await engine(await asked(oneAfterOther), async () => [frozen, barred]);
    expect((await end).phase).toBe("failed");
    expect(await types()).toEqual(["intent.run", "run.ended"]);
    expect((await readRun(store, "R-1")).at(-1)).toMatchObject({ problems: [{ message: "Not ever." }] });
  });

  test("is held by what cannot be judged, and an unjudged run never starts", async () => {
    let broken = true;
    const gate: Judge = async () => {
      if (broken) throw fail("VALUE_INVALID", { message: "people.yaml is broken." });
      return [];
    };
    const { end } = await engine(await asked(oneAfterOther), gate);
    await until("run.held");
    expect((await readRun(store, "R-1")).at(-1)).toMatchObject({ problems: [{ code: "VALUE_INVALID" }] });
    broken = false;
    expect((await end).phase).toBe("failed");
    expect(await types()).toContain("run.started");
  });

  test("passes unjudged when its plan changes nothing", async () => {
    const { end } = await engine(await asked(planBody(plannedNodeRole("n1", "web", { action: "skip" }))), async () => [barred]);
    expect((await end).phase).toBe("succeeded");
  });
});
