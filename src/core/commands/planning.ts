import { planResource } from "../authority/people/plan-resource.ts";
import { againHint, overtaken } from "../authority/locks/staleness.ts";
import type { PolicyReport } from "../authority/policy/report.ts";
import { HalliganError, type Problem, fail } from "../errors.ts";
import type { House, PlanOptions } from "../house.ts";
import type { Plan } from "../model/plan.ts";
import { codes } from "../problems/codes.ts";
import type { ExitCode } from "../problems/entry.ts";
import { readPlan } from "../run/requests.ts";
import type { CommandContext } from "./command.ts";
import { isPlanId } from "./run-choose.ts";

/** Options of planning that pass its progress on. */
export function planOptions(context: CommandContext, deployments: readonly string[]): PlanOptions {
  return { deployments, by: context.by, onProgress: (progress) => context.pass({ type: "progress", ...progress }), signal: context.signal };
}

/** Refuses who may not operate all of these deployments; none named = all that there are. @throws `NOT_ALLOWED`, and what loading throws. */
export async function requireDeployments(context: CommandContext, house: House, named: readonly string[]): Promise<void> {
  const names = named.length > 0 ? named : (await house.load()).cluster.deployments.map((each) => each.name);
  await context.authorise("operate", { kind: "deployments", names });
}

/** Refuses who may not operate everything that a plan works on. @throws `NOT_ALLOWED`. */
export async function requirePlan(context: CommandContext, plan: Plan): Promise<void> {
  await context.authorise("operate", planResource(plan.body));
}

/**
 * Refuses a kept plan that could not be carried out any more, before anybody is asked to approve it.
 * @throws `PLAN_OUTDATED` when cluster file or barclamps are no longer those of the plan, `PLAN_STALE` when runs have worked on what it is about.
 */
export async function refuseOld(house: House, plan: Plan): Promise<void> {
  const { revision, file } = await house.load();
  if (revision !== plan.revision) {
    throw fail("PLAN_OUTDATED", {
      message: `${plan.id} was made from other files than there are now; nothing was changed.`,
      cause: `${file} or a barclamp it uses was edited after ${plan.id} was made.`,
      hint: againHint(plan),
    });
  }
  const stale = await overtaken(house.store, plan);
  if (stale !== undefined) throw new HalliganError([stale]);
}

/**
 * What the words after `apply` or `diff` name: a stored plan, or deployments to plan now.
 * Making a plan asks the nodes, so it takes the right to operate; looking at one does not.
 * @throws `NOT_ALLOWED`, `RUN_NOT_FOUND` for a plan that is not there, `USAGE` for a mixture, and what planning throws.
 */
export async function namedPlan(
  context: CommandContext,
  house: House,
  targets: readonly string[],
): Promise<{ readonly plan: Plan; readonly stored: boolean }> {
  const ids = targets.filter((each) => isPlanId(each));
  const [id] = ids;
  if (id === undefined) {
    await requireDeployments(context, house, targets);
    return { plan: await house.plan(planOptions(context, targets)), stored: false };
  }
  if (targets.length > 1) throw fail("USAGE", { message: `Name one plan, or deployments, not both: ${targets.join(" ")}` });
  return { plan: await readPlan(house.store, id), stored: true };
}

/**
 * The exit code that a plan asks for: that of its first problem; else 3 when the policy stops it; else 0. A node that left the file is news, not a
 * failure.
 */
export function exitOf(problems: readonly Problem[], policy?: PolicyReport): ExitCode {
  const first = problems.find((each) => each.code !== "NODE_GONE" && codes[each.code].exit !== 0);
  if (first !== undefined) return codes[first.code].exit;
  return policy !== undefined && policy.summary.blocking > 0 ? 3 : 0;
}
