import type { House } from "../house.ts";
import type { Plan, PlanLimit } from "../model/plan.ts";
import type { Answer, CommandContext } from "./command.ts";
import { exitOf, planOptions } from "./planning.ts";
import type { runOptions } from "./run-options.ts";

/** How a plan that was made is to be carried out, or not. */
export type RunOrShow = { readonly [Option in keyof typeof runOptions]: boolean };

/** Makes a plan with a purpose of its own, for somebody who may operate its deployments. @throws what planning throws. */
export async function limitedPlan(context: CommandContext, house: House, limit: PlanLimit): Promise<Plan> {
  return await house.plan({ ...planOptions(context, []), limit });
}

/** Shows the plan as `plan` does, or carries it out as `apply` does. @throws what `apply` throws. */
export async function runOrShow(context: CommandContext, house: House, plan: Plan, how: RunOrShow): Promise<Answer> {
  if (!how.planOnly) {
    const { applyPlan } = await import("./apply-run.ts");
    return await applyPlan(context, house, plan, how);
  }
  const { documentPlan } = await import("./plan-document.ts");
  const policy = await house.policy.judgePlan(plan);
  return { exit: exitOf(plan.body.problems, policy), document: { ...documentPlan(plan, policy) } };
}
