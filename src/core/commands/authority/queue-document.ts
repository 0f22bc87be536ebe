import type { Holdup } from "../../authority/gate.ts";
import { deploymentsOf } from "../../authority/locks/lock-judge.ts";
import { HalliganError, type Problem, problem } from "../../errors.ts";
import type { House } from "../../house.ts";
import type { Plan } from "../../model/plan.ts";
import { runQuestion } from "../../authority/gate.ts";
import { type OpenRun, openRuns } from "../../run/queue.ts";
import { readPlan } from "../../run/requests.ts";
import type { QueueDocument, QueuedRun, Waits } from "./queue.ts";

/** The queue as it stands, with the reasons judged now. */
export async function queueDocument(house: Pick<House, "store" | "clock" | "judge">): Promise<QueueDocument> {
  const open = await openRuns(house.store);
  const running = open.find((each) => each.startedAt !== undefined);
  const waiting: QueueDocument["waiting"][number][] = [];
  let ahead = running;
  for (const run of open.filter((each) => each !== running)) {
    const plan = await readPlan(house.store, run.plan);
    const reasons = await reasonsOf(house, run, plan);
    const behind =
      ahead !== undefined && !reasons.some((each) => each.kind === "schedule") ? [behindRun(run, ahead, ahead === running)] : [];
    const waits = [...behind, ...reasons];
    waiting.push({ place: waiting.length + 1, ...queuedRun(run, plan), notBefore: run.notBefore ?? null, waits });
    // One that is held lets others pass, so it is not what they wait for.
    if (reasons.length === 0) ahead ??= run;
  }
  return {
    halligan: 1,
    kind: "queue",
    running: running === undefined ? null : queuedRun(running, await readPlan(house.store, running.plan)),
    waiting,
    at: house.clock.now(),
  };
}

function queuedRun({ run, plan: id, by, owner, requestedAt, startedAt, breakglass, held }: OpenRun, plan: Plan): QueuedRun {
  return {
    run,
    plan: id,
    by,
    owner: owner ?? by,
    deployments: deploymentsOf(plan),
    requestedAt,
    startedAt: startedAt ?? null,
    breakglass: breakglass?.reason ?? null,
    held: held.map((each) => ({ kind: kindOf(each), code: each.code, message: each.message, until: null })),
  };
}

function behindRun({ run }: OpenRun, ahead: OpenRun, goesOn: boolean): Waits {
  const { code, message } = problem("RUN_QUEUED", {
    message: `${run} waits for ${ahead.run} (plan ${ahead.plan}, by ${ahead.owner ?? ahead.by}), which ${goesOn ? "goes on" : "has its turn first"}.`,
  });
  return { kind: "run", code, message, until: null };
}

/** What would hold the run if its turn came now. What cannot be judged holds it too. */
async function reasonsOf(house: Pick<House, "judge">, run: OpenRun, plan: Plan): Promise<readonly Waits[]> {
  try {
    return (await house.judge(runQuestion("start", plan, run))).map(waitsFor);
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return error.problems.map((each) => ({ kind: "rights", code: each.code, message: each.message, until: null }));
  }
}

function waitsFor({ kind, problem: why, until }: Holdup): Waits {
  return { kind: kind === "queue" ? kindOf(why) : kind, code: why.code, message: why.message, until: until ?? null };
}

function kindOf({ code }: Problem): Waits["kind"] {
  if (code === "RUN_SCHEDULED") return "schedule";
  if (code === "LOCK_HELD") return "lock";
  if (code === "FREEZE_ACTIVE") return "freeze";
  if (code === "WORKER_MISSING") return "worker";
  if (code === "PLAN_OUTDATED" || code === "PLAN_STALE") return "old";
  if (code.startsWith("APPROVAL")) return "approval";
  return code.startsWith("POLICY") ? "policy" : "rights";
}
