import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openState } from "../../../src/core/adapters/store/open.ts";
import type { State } from "../../../src/core/adapters/store/state.ts";
import { pruneState } from "../../../src/core/commands/state-prune-run.ts";
import { type JournalEvent, runStream, toStored } from "../../../src/core/journal/events.ts";
import type { PlanId, RunId } from "../../../src/core/model/ids.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Json } from "../../../src/core/ports.ts";
import { type AppliedRecord, recordApplied } from "../../../src/core/run/applied.ts";
import { nextNumber } from "../../../src/core/run/numbers.ts";
import { findPrunable, prune } from "../../../src/core/run/prune.ts";
import { openRuns } from "../../../src/core/run/queue.ts";
import { indexEnd, listRuns, plansCollection, readPlan, readRunState, requestRun } from "../../../src/core/run/requests.ts";
import { codeOf } from "../../contract/store-contract.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { planBody, plannedNodeRole } from "./plans.ts";

const day = 86_400_000;
const now = 1_800_000_000_000;
const clock = { now: () => now, sleep: () => Promise.resolve() };

let redis: TestRedis;
let folder: string;
let state: State;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.dispose();
});

async function makePlan(at: number): Promise<Plan> {
  const id: PlanId = `P-${await nextNumber(state.store, "plans")}`;
  const body = planBody(plannedNodeRole("n1", "web"));
  const plan: Plan = { id, digest: "sha256:02", body, author: "ann", at, revision: "sha256:01", facts: "sha256:03" };
  await state.store.put(plansCollection, id, plan as unknown as Json, 0);
  return plan;
}

/** A run as an engine leaves it behind; `open`: it has not ended. */
async function makeRun(agoDays: number, open = false): Promise<RunId> {
  const at = now - agoDays * day;
  const plan = await makePlan(at);
  const run = await requestRun(state.store, plan, "ann", at);
  const steps = Array.from(
    { length: 20 },
    (_, n): JournalEvent => ({ type: "step.started", v: 1, id: "n1/web", step: `s-${n}`, section: "steps" }),
  );
  await state.store.append(runStream(run), steps.map(toStored));
  await state.logs.append({ run, node: "n1", role: "web" }, Buffer.from("output\n"));
  if (open) return run;
  const nodeRoles = { active: 1, changed: 1, skipped: 0, retired: 0, failed: 0, blocked: 0, unknown: 0 };
  const end = {
    type: "run.ended" as const,
    v: 1 as const,
    run,
    phase: "succeeded" as const,
    nodeRoles,
    durationMs: 1000,
    problems: [],
  } satisfies JournalEvent;
  await state.store.append(runStream(run), [toStored(end)]);
  await indexEnd(state.store, run, end, at);
  return run;
}

describe.each(["embedded", "redis"])("%s", (kind) => {
  let stores = 0;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "halligan-prune-"));
    const url = kind === "redis" ? `redis://127.0.0.1:${redis.port}?site=prune-${++stores}` : join(folder, "state.db");
    state = await openState({ url, logs: join(folder, "logs") });
  });
  afterEach(async () => {
    await state.store.close();
    rmSync(folder, { recursive: true });
  });

  const all = { keepRuns: 1, before: now - 30 * day };
  const go = async () => await prune({ ...state, clock }, await findPrunable({ ...state, clock }, all), () => undefined);

  test("what is old goes; what is young, open, standing on nodes, among the newest, or asked for stays", async () => {
    const old = await makeRun(100); // R-1, P-1
    const stands = await makeRun(99); // R-2, P-2
    const open = await makeRun(98, true); // R-3, P-3
    const young = await makeRun(5); // R-4, P-4
    const neverRun = await makePlan(now - 90 * day); // P-5
    const newest = await makeRun(80); // R-5, P-6
    await makePlan(now - 70 * day); // P-7, the newest plan
    await recordApplied(state.store, { id: "n1/web", run: stands, plan: "P-2", at: now, undo: [] } as unknown as AppliedRecord);
    expect(await findPrunable({ ...state, clock }, all)).toEqual({ runs: [old], plans: ["P-1", neverRun.id] });
    expect(await findPrunable({ ...state, clock }, { ...all, keepRuns: 5 })).toMatchObject({ runs: [] });
    const before = await listRuns(state.store);
    expect(await go()).toMatchObject({ runs: [old], events: 20, logs: 1 });
    expect(await listRuns(state.store)).toEqual(before);
    expect((await openRuns(state.store)).map(({ run }) => run)).toEqual([open]);
    for (const run of [stands, open, young, newest]) {
      expect((await readRunState(state.store, run)).state.nodeRoles.size).toBe(1);
      expect((await state.logs.read({ run, node: "n1", role: "web" }, 0)).bytes).toHaveLength(7);
    }
    expect((await state.logs.read({ run: old, node: "n1", role: "web" }, 0)).bytes).toHaveLength(0);
    expect(await codeOf(readRunState(state.store, old))).toBe("RUN_PRUNED");
    const husk = await readPlan(state.store, "P-1");
    expect(husk).toMatchObject({
      id: "P-1",
      digest: "sha256:02",
      author: "ann",
      pruned: now,
      body: { deployments: ["all"], nodeRoles: [] },
    });
    expect(await codeOf(requestRun(state.store, husk, "ann", now))).toBe("RUN_PRUNED");
    expect(await findPrunable({ ...state, clock }, all)).toEqual({ runs: [], plans: [] });
  });

  test("what somebody asks for while the question is open stays", async () => {
    await makeRun(100); // R-1, P-1
    const plan = await makePlan(now - 95 * day); // P-2
    await makeRun(1); // R-2, P-3
    const house = { ...state, clock, principal: { kind: "local", user: "ann" }, audit: { record: async () => undefined } };
    const confirm = async (): Promise<boolean> => {
      await requestRun(state.store, plan, "bob", now);
      return true;
    };
    const context = { house: async () => house, confirm, pass: () => undefined, by: "ann", front: "cli" };
    const removed = await pruneState(context as never, { keepRuns: 1, olderThan: "30d", dryRun: false });
    expect(removed).toMatchObject({ runs: ["R-1"], plans: ["P-1"] });
    expect((await readRunState(state.store, "R-3")).state.nodeRoles.size).toBe(1);
  });

  test("one that was stopped in the middle is finished by the next", async () => {
    for (let n = 0; n < 3; n += 1) await makeRun(100 - n);
    await makeRun(1);
    const found = await findPrunable({ ...state, clock }, all);
    const stop = new Error("power cut");
    const stopAt = (item: string) => (_done: number, done: string) => {
      if (done === item) throw stop;
    };
    await expect(prune({ ...state, clock }, found, stopAt("P-2"))).rejects.toBe(stop);
    await expect(prune({ ...state, clock }, found, stopAt("R-1"))).rejects.toBe(stop);
    expect(await go()).toMatchObject({ runs: ["R-2", "R-3"], plans: [], events: 40 });
    expect(await findPrunable({ ...state, clock }, all)).toEqual({ runs: [], plans: [] });
  });
});

test("an embedded store becomes smaller", async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-prune-"));
  const file = join(folder, "state.db");
  state = await openState({ url: file, logs: join(folder, "logs") });
  const size = (): number => statSync(file).size + statSync(`${file}-wal`).size;
  try {
    await state.store.append(
      "s",
      Array.from({ length: 4000 }, () => ({ type: "x", data: "x".repeat(1000) })),
    );
    const before = size();
    await state.store.trim("s");
    await state.store.compact();
    expect(size()).toBeLessThan(before / 10);
  } finally {
    await state.store.close();
    rmSync(folder, { recursive: true });
  }
});
