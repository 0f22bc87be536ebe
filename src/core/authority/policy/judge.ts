import type { Problem } from "../../errors.ts";
import type { Holdup, Judge } from "../gate.ts";
import type { PolicyDesk } from "./desk.ts";
import { blockingProblems } from "./report.ts";

/**
 * Judges by rules: when a plan is made or asked for, when its run starts and before each batch, by the stricter of the policy under which the
 * plan was made and that of now. A plan that changes nothing is never held. Waiting can help: a waiver, a cured node, the end of a window.
 */
export function createPolicyJudge(desk: PolicyDesk): Judge {
  return async ({ plan, phase, starting }) => {
    if (plan.body.nodeRoles.every((each) => each.action === "skip" || each.blocked !== undefined)) return [];
    const { reports, problems } = await desk.judgeStrictly({ plan, phase, starting: starting ?? [] });
    const holdups = new Map<string, Holdup>();
    for (const each of [...problems, ...reports.flatMap((report, index) => blockingProblems(report).map(index === 0 ? same : ofThen))])
      if (!holdups.has(`${each.code}\n${each.message}`))
        holdups.set(`${each.code}\n${each.message}`, { kind: "policy", problem: each, final: false });
    return [...holdups.values()];
  };
}

const same = (each: Problem): Problem => each;

/** The second report is that of the policy under which the plan was made. A problem that both have is told as that of now. */
function ofThen(each: Problem): Problem {
  return {
    ...each,
    hint: `So said the policy when the plan was made; \`halligan plan\` makes a plan under that of now. Else: ${each.hint}`,
  };
}
