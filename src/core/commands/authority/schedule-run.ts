import { freezesInForce, readFreezes } from "../../authority/locks/freeze-state.ts";
import { freezeWords } from "../../authority/locks/freeze-words.ts";
import { deploymentsOf } from "../../authority/locks/lock-judge.ts";
import { fail } from "../../errors.ts";
import { openRuns } from "../../run/queue.ts";
import { askOfRun, readPlan } from "../../run/requests.ts";
import type { Answer, CommandContext } from "../command.ts";
import { awaitApproval } from "../apply-approval.ts";
import { isEmpty } from "../plan-document.ts";
import { refuseOld, requirePlan } from "../planning.ts";
import { typedDuration, typedMoment, typedZone } from "./coverage.ts";
import type { ScheduledDocument } from "./schedule.ts";
import type { UnscheduledDocument } from "./unschedule.ts";

/** What `schedule` was told; either `at` or `in` is there. */
interface ScheduleArgs {
  readonly plan: string;
  readonly at?: string | undefined;
  readonly in?: string | undefined;
  readonly zone?: string | undefined;
}

/** Asks for a run of a plan that may not start before a time. @throws `TIME_INVALID`, `RUN_NOT_FOUND`, `PLAN_OUTDATED`, `PLAN_STALE`, `CONFIRM_NEEDED`, and what asking for a run throws. */
export async function schedule(context: CommandContext, args: ScheduleArgs): Promise<Answer> {
  const house = await context.house();
  const now = house.clock.now();
  const zone = typedZone(context, args.zone);
  const notBefore =
    args.in === undefined ? typedMoment("--at", args.at ?? "", { now, zone, side: "later" }) : now + typedDuration("--in", args.in);
  if (notBefore <= now) throw fail("TIME_INVALID", { message: "That moment has passed; `halligan apply` runs a plan at once." });
  const plan = await readPlan(house.store, args.plan);
  await requirePlan(context, plan);
  await refuseOld(house, plan);
  context.pass({ type: "plan", plan });
  const agreed = isEmpty(plan) || (await context.confirm({ what: "apply", plan }));
  if (agreed === undefined) {
    throw fail("CONFIRM_NEEDED", {
      message: `${plan.id} would change the cluster, and nobody can be asked here.`,
      hint: `Read it with \`halligan diff ${plan.id}\`, then add \`--yes\`.`,
    });
  }
  if (!agreed) return { exit: 6, document: { halligan: 1, kind: "declined", plan: plan.id } };
  const unapproved = isEmpty(plan) ? undefined : await awaitApproval(context, house, plan, false);
  if (unapproved !== undefined) return unapproved;
  const { run, engine } = await house.requestRun(plan, context.by, { notBefore });
  const windows = (await house.load()).cluster.freezes ?? [];
  const freezes = freezesInForce(await readFreezes(house.store), windows, deploymentsOf(plan), notBefore);
  const document: ScheduledDocument = {
    halligan: 1,
    kind: "scheduled",
    run,
    plan: plan.id,
    notBefore,
    freezes: freezes.map((freeze) => ({ message: `${freezeWords(freeze)}.`, until: freeze.until })),
    engine: { host: engine.host, pid: engine.pid },
    shownIn: zone,
    at: now,
  };
  return { exit: 0, document: { ...document } };
}

/** Takes a run out of the queue that waits for its time. @throws `RUN_NOT_SCHEDULED`. */
export async function unschedule(context: CommandContext, named: string): Promise<Answer> {
  const house = await context.house();
  const open = (await openRuns(house.store)).find((each) => each.run === named);
  if (open === undefined || open.notBefore === undefined || open.startedAt !== undefined)
    throw fail("RUN_NOT_SCHEDULED", { message: `${named} does not wait for a time.` });
  await requirePlan(context, await readPlan(house.store, open.plan));
  await askOfRun(house.store, open.run, { kind: "cancel", how: "after-step" }, context.by);
  await house.ensureEngine();
  const document: UnscheduledDocument = { halligan: 1, kind: "unscheduled", run: open.run, plan: open.plan, notBefore: open.notBefore };
  return { exit: 0, document: { ...document } };
}
