import type { ApprovalPolicy } from "../../model/approvals.ts";
import type { PlanBody, PlannedNodeRole } from "../../model/plan.ts";
import { batchSizes } from "../../run/schedule.ts";
import { requirementsOf, risksOf } from "../approvals/requirement.ts";
import type { PlanView } from "./world.ts";

/** A plan that does nothing: what the present state is judged with. */
export const noPlan: PlanView = {
  phase: "check",
  deployments: [],
  changes: 0,
  removes: 0,
  destroys: 0,
  risk: "none",
  nodes: [],
  starting: [],
  approvers: 0,
  roles: {},
};

/** What a plan does, as rules see it. Node-roles that are blocked do nothing. Pure. */
export function viewPlan(
  body: PlanBody,
  phase: PlanView["phase"],
  starting: readonly string[],
  approvals: ReadonlyMap<string, ApprovalPolicy>,
): PlanView {
  const acting = body.nodeRoles.filter((each) => each.action !== "skip" && each.blocked === undefined);
  const removes = acting.filter((each) => each.action === "remove");
  const steps = acting.flatMap((each) =>
    each.steps.map((step) => (each.action === "remove" ? step.change !== "none" : step.change === "destroy")),
  );
  return {
    phase,
    deployments: body.deployments,
    changes: acting.length,
    removes: removes.length,
    destroys: Math.max(removes.length, steps.filter(Boolean).length),
    risk: riskOf(body, acting.length),
    nodes: [...new Set(acting.map((each) => each.node))].toSorted(),
    starting: starting.toSorted(),
    approvers: Math.max(0, ...requirementsOf(body, approvals).map((each) => each.rule.people)),
    roles: roleViews(body.nodeRoles),
  };
}

function riskOf(body: PlanBody, changes: number): PlanView["risk"] {
  if (changes === 0) return "none";
  const risks = risksOf(body);
  return risks.has("pointOfNoReturn") ? "pointOfNoReturn" : risks.has("destructive") ? "destructive" : "default";
}

/** What happens to the members of each role, and how many of them change at once: as the scheduler will batch them. */
function roleViews(nodeRoles: readonly PlannedNodeRole[]): PlanView["roles"] {
  const groups = new Map<string, PlannedNodeRole[]>();
  for (const each of nodeRoles) {
    const key = `${each.deployment}/${each.role}\n${each.action === "remove"}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  const views: Record<string, { changing: number; removing: number; batch: number }> = {};
  for (const [key, all] of groups) {
    const id = key.slice(0, key.indexOf("\n"));
    const acting = all.filter((each) => each.action !== "skip" && each.blocked === undefined);
    const { first, later } = batchSizes(all);
    const batch = acting.length <= first ? acting.length : Math.max(first, Math.min(later, acting.length - first));
    const before = views[id] ?? { changing: 0, removing: 0, batch: 0 };
    const removing = acting.filter((each) => each.action === "remove").length;
    views[id] = {
      changing: before.changing + acting.length,
      removing: before.removing + removing,
      batch: Math.max(before.batch, batch),
    };
  }
  return views;
}
