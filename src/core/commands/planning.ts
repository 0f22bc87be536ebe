import { type Problem, fail } from "../errors.ts";
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

/**
 * What the words after `apply` or `diff` name: a stored plan, or deployments to plan now.
 * @throws `RUN_NOT_FOUND` for a plan that is not there, `USAGE` for a mixture, and what planning throws.
 */
export async function namedPlan(
  context: CommandContext,
  house: House,
  targets: readonly string[],
): Promise<{ readonly plan: Plan; readonly stored: boolean }> {
  const ids = targets.filter((each) => isPlanId(each));
  const [id] = ids;
  if (id === undefined) return { plan: await house.plan(planOptions(context, targets)), stored: false };
  if (targets.length > 1) throw fail("USAGE", { message: `Name one plan, or deployments, not both: ${targets.join(" ")}` });
  return { plan: await readPlan(house.store, id), stored: true };
}

/** The exit code that a plan's problems ask for: that of the first; 0 without any. A node that left the file is news, not a failure. */
export function exitOf(problems: readonly Problem[]): ExitCode {
  const first = problems.find((each) => each.code !== "NODE_GONE");
  return first === undefined ? 0 : codes[first.code].exit;
}
