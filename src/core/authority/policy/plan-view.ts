import type { ApprovalPolicy } from "../../model/approvals.ts";
import type { PlanBody, PlannedNodeRole } from "../../model/plan.ts";
import { batchSizes } from "../../run/schedule.ts";
import { requirementsOf, risksOf } from "../approvals/requirement.ts";
import type { PlanView, RoleView } from "./world.ts";

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

/** What a plan does, as rules see it; `standing`: node-roles that are active now. Node-roles that are blocked do nothing. Pure. */
export function viewPlan(
  body: PlanBody,
  phase: PlanView["phase"],
  starting: readonly string[],
  approvals: ReadonlyMap<string, ApprovalPolicy>,
  standing: ReadonlySet<string>,
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
    roles: roleViews(body.nodeRoles, standing),
  };
}

function riskOf(body: PlanBody, changes: number): PlanView["risk"] {
  if (changes === 0) return "none";
  const risks = risksOf(body);
  return risks.has("pointOfNoReturn") ? "pointOfNoReturn" : risks.has("destructive") ? "destructive" : "default";
}

/** What happens to the members of each role, in the batches that the scheduler will make. */
function roleViews(nodeRoles: readonly PlannedNodeRole[], standing: ReadonlySet<string>): PlanView["roles"] {
  const groups = new Map<string, PlannedNodeRole[]>();
  for (const each of nodeRoles) {
    const key = `${each.deployment}/${each.role}\n${each.action === "remove"}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  const views: Record<string, RoleView> = {};
  for (const [key, all] of groups) {
    const id = key.slice(0, key.indexOf("\n"));
    const acting = all.filter((each) => each.action !== "skip" && each.blocked === undefined);
    const { first, later } = batchSizes(all);
    const batches = [acting.slice(0, first)];
    for (let at = first; at < acting.length; at += later) batches.push(acting.slice(at, at + later));
    const most = (count: (batch: readonly PlannedNodeRole[]) => number): number => Math.max(0, ...batches.map(count));
    const before = views[id] ?? { changing: 0, removing: 0, batch: 0, down: 0 };
    views[id] = {
      changing: before.changing + acting.length,
      removing: before.removing + acting.filter((each) => each.action === "remove").length,
      batch: Math.max(
        before.batch,
        most((batch) => batch.length),
      ),
      down: Math.max(
        before.down,
        most((batch) => batch.filter((each) => standing.has(each.id)).length),
      ),
    };
  }
  return views;
}
