import { blockingProblems } from "../authority/policy/report.ts";
import { HalliganError, fail } from "../errors.ts";
import type { House } from "../house.ts";
import type { Plan } from "../model/plan.ts";
import { type OpenRun, openRuns } from "../run/queue.ts";
import type { Waits } from "./authority/queue.ts";
import { awaitApproval } from "./apply-approval.ts";
import type { Answer, CommandContext } from "./command.ts";
import { isEmpty } from "./plan-document.ts";
import { namedPlan, refuseOld, requirePlan } from "./planning.ts";
import { detached, followRun } from "./run-follow.ts";

/** What `apply` was told. */
export interface ApplyArgs {
  readonly targets: readonly string[];
  readonly wait: boolean;
  /** False: refused while another run is open. */
  readonly queue: boolean;
  readonly detach: boolean;
  /** False: restarts that changes ask for are put off. */
  readonly restarts?: boolean;
}

/**
 * Plans or reads a plan, asks, starts the run and follows it. An empty plan needs no yes, but it is run all the same, so that the journal has it.
 * @throws `PLAN_OUTDATED`, `PLAN_STALE`, `CONFIRM_NEEDED`, `RUN_ACTIVE`, and what planning throws.
 */
export async function apply(context: CommandContext, { targets, wait, queue, detach, restarts }: ApplyArgs): Promise<Answer> {
  const house = await context.house();
  const left = await leftRun(house);
  if (left !== undefined) {
    context.pass({ type: "progress", what: "resume", done: 0, total: 1, item: left.run });
    await house.ensureEngine();
    if (targets.length === 1 && targets[0] === left.plan) return await followRun(context, house, left.run);
  }
  if (wait || left !== undefined) await waitForOpenRun(context, house);
  const { plan, stored } = await namedPlan(context, house, targets, restarts === false ? "later" : undefined);
  if (stored) {
    await requirePlan(context, plan);
    await refuseOld(house, plan);
  }
  return await applyPlan(context, house, plan, { wait, queue, detach });
}

/**
 * Shows a plan, asks, starts its run and follows it.
 * @throws `CONFIRM_NEEDED`, `RUN_ACTIVE`, `NOT_ALLOWED`, and everything for which the gates refuse it.
 */
export async function applyPlan(
  context: CommandContext,
  house: House,
  plan: Plan,
  { wait, queue, detach }: Omit<ApplyArgs, "targets" | "restarts">,
): Promise<Answer> {
  await requirePlan(context, plan);
  const policy = isEmpty(plan) ? undefined : await house.policy.judgePlan(plan);
  context.pass({ type: "plan", plan, ...(policy === undefined ? {} : { policy }) });
  const [denied, ...more] = policy === undefined ? [] : blockingProblems(policy);
  if (denied !== undefined) throw new HalliganError([denied, ...more]);
  const declined = isEmpty(plan) ? undefined : await ask(context, plan);
  if (declined !== undefined) return declined;
  context.signal.throwIfAborted();
  const unapproved = isEmpty(plan) ? undefined : await awaitApproval(context, house, plan, wait);
  if (unapproved !== undefined) return unapproved;
  const { run, engine } = await house.requestRun(plan, context.by, { queue, here: !detach });
  const behind = await tellPlace(context, house, run);
  if (!detach) return await followRun(context, house, run);
  const waits = isEmpty(plan) ? undefined : await waitsOf(house, run);
  return detached(run, plan.id, engine, { ...(behind === undefined ? {} : { behind }), ...(waits === undefined ? {} : { waits }) });
}

/** What holds a run that has not begun, judged now. */
async function waitsOf(house: House, run: string): Promise<readonly Waits[] | undefined> {
  const { queueDocument } = await import("./authority/queue-document.ts");
  const waits = (await queueDocument(house)).waiting.find((each) => each.run === run)?.waits.filter((each) => each.kind !== "run");
  return waits === undefined || waits.length === 0 ? undefined : waits;
}

/** Asks the person; gives the answer to end with when they decline. @throws `CONFIRM_NEEDED`. */
async function ask(context: CommandContext, plan: Plan): Promise<Answer | undefined> {
  const removes = plan.body.nodeRoles.some((each) => each.action === "remove");
  const resets = removes && plan.body.purpose !== undefined;
  const agreed = await context.confirm(
    resets ? { what: "reset", plan, typed: plan.body.cluster } : { what: removes ? "remove" : "apply", plan },
  );
  if (agreed === undefined) {
    throw fail("CONFIRM_NEEDED", {
      message: `${plan.id} would change the cluster, and nobody can be asked here.`,
      hint: `Read it with \`halligan diff ${plan.id}\`, then run \`halligan apply ${plan.id} --yes\`.`,
    });
  }
  return agreed ? undefined : { exit: 6, document: { halligan: 1, kind: "declined", plan: plan.id } };
}

/** A run that has begun and that no engine carries out: its engine was killed, or its machine went down. It goes first. */
async function leftRun(house: House): Promise<OpenRun | undefined> {
  const begun = (await openRuns(house.store)).find((each) => each.startedAt !== undefined);
  if (begun === undefined) return undefined;
  const { cluster } = await house.load();
  return (await house.findEngine(cluster.name)) === undefined ? begun : undefined;
}

/** Tells whoever asked for a run that others go first; gives the first of them. */
async function tellPlace(context: CommandContext, house: House, run: string): Promise<string | undefined> {
  const open = await openRuns(house.store);
  const ahead = open.slice(
    0,
    Math.max(
      0,
      open.findIndex((each) => each.run === run),
    ),
  );
  const [first] = ahead;
  if (first !== undefined) context.pass({ type: "progress", what: "queue", done: 0, total: ahead.length, item: first.run });
  return first?.run;
}

/** Returns when no run is open but those that have a time of their own; the runs that it waits for are not shown. */
async function waitForOpenRun(context: CommandContext, house: House): Promise<void> {
  for (;;) {
    const now = house.clock.now();
    const [open] = (await openRuns(house.store)).filter((each) => each.startedAt !== undefined || (each.notBefore ?? now) <= now);
    if (open === undefined) return;
    context.pass({ type: "progress", what: "wait", done: 0, total: 1, item: open.run });
    for await (const _ of house.follow(open.run, context.signal));
    context.signal.throwIfAborted();
    // The engine marks the end in the index a moment after the journal has it.
    await house.clock.sleep(100, context.signal);
  }
}
