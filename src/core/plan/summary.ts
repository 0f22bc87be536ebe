import type { NodeRoleId } from "../model/ids.ts";
import type { Plan, PlanBody, PlannedNodeRole } from "../model/plan.ts";

/** Counts of a plan: node-roles, and steps by what they would do. */
export interface PlanSummary {
  readonly nodeRoles: number;
  readonly create: number;
  readonly change: number;
  readonly destroy: number;
  readonly unchanged: number;
  readonly unknown: number;
  /** All steps. */
  readonly steps: number;
}

/** Counts node-roles and steps. */
export function planSummary(body: PlanBody): PlanSummary {
  const counts = { none: 0, create: 0, change: 0, destroy: 0, unknown: 0 };
  for (const nodeRole of body.nodeRoles) for (const step of nodeRole.steps) counts[step.change] += 1;
  const { none, create, change, destroy, unknown } = counts;
  return {
    nodeRoles: body.nodeRoles.length,
    create,
    change,
    destroy,
    unchanged: none,
    unknown,
    steps: none + create + change + destroy + unknown,
  };
}

/** The document of `plan --json` (docs/protocol.md). */
export function planDocument(plan: Plan): object {
  const { body } = plan;
  const lists = new Map<PlannedNodeRole["steps"], readonly object[]>();
  const documented = (steps: PlannedNodeRole["steps"]): readonly object[] => {
    const before = lists.get(steps);
    if (before !== undefined) return before;
    const made = steps.map(({ id, kind, label, change, diff }) => ({ id, kind, label, change, ...(diff === undefined ? {} : { diff }) }));
    lists.set(steps, made);
    return made;
  };
  return {
    halligan: 1,
    kind: "plan",
    id: plan.id,
    digest: plan.digest,
    cluster: body.cluster,
    deployments: body.deployments,
    ...(body.purpose === undefined ? {} : { purpose: body.purpose }),
    summary: planSummary(body),
    nodeRoles: body.nodeRoles.map((each) => ({
      id: each.id,
      node: each.node,
      role: each.role,
      cohort: each.cohort,
      action: each.action,
      steps: documented(each.steps),
      ...(each.secrets.length === 0 ? {} : { secrets: each.secrets }),
      ...(plan.because?.[each.id] === undefined ? {} : { because: plan.because[each.id] }),
      ...(each.blocked === undefined ? {} : { blocked: each.blocked }),
    })),
    problems: body.problems,
  };
}

/** How long node-roles are expected to take, in milliseconds. */
export type Estimates = (nodeRole: PlannedNodeRole) => number;

/** The chain of node-roles that decides how long the plan takes at least: in order, with the sum in milliseconds. Skipped ones cost nothing. */
export function criticalPath(body: PlanBody, estimateMs: Estimates): { readonly path: readonly NodeRoleId[]; readonly ms: number } {
  const best = new Map<NodeRoleId, { readonly ms: number; readonly previous: NodeRoleId | undefined }>();
  const ends = new Map<readonly NodeRoleId[], { readonly ms: number; readonly previous: NodeRoleId | undefined }>();
  let last: NodeRoleId | undefined;
  // Sorted by cohort, so what a node-role waits for comes before it.
  for (const each of body.nodeRoles) {
    let start = ends.get(each.after);
    if (start === undefined) {
      start = { ms: 0, previous: undefined };
      for (const id of each.after) {
        const ms = best.get(id)?.ms ?? 0;
        if (ms > start.ms) start = { ms, previous: id };
      }
      ends.set(each.after, start);
    }
    const ms = start.ms + (each.action === "skip" ? 0 : estimateMs(each));
    best.set(each.id, { ms, previous: start.previous });
    if (last === undefined || ms > (best.get(last)?.ms ?? 0)) last = each.id;
  }
  const path: NodeRoleId[] = [];
  for (let id = last; id !== undefined; id = best.get(id)?.previous) path.unshift(id);
  const changing = new Set(body.nodeRoles.filter((each) => each.action !== "skip").map((each) => each.id));
  return { path: path.filter((id) => changing.has(id)), ms: last === undefined ? 0 : (best.get(last)?.ms ?? 0) };
}

/** What a plan touches: nodes with changes, and deployments and roles whose members change. All sorted by code unit. */
export interface BlastRadius {
  readonly nodes: readonly string[];
  readonly deployments: readonly string[];
  readonly roles: readonly string[];
  /** Node-roles that do not change themselves but wait for one that does. */
  readonly dependents: number;
}

/** Computes the blast radius. */
export function blastRadius(body: PlanBody): BlastRadius {
  const acting = body.nodeRoles.filter((each) => each.action !== "skip");
  const reached = new Set(acting.map((each) => each.id));
  const lists = new Map<readonly NodeRoleId[], boolean>();
  let dependents = 0;
  for (const each of body.nodeRoles) {
    if (each.action !== "skip") continue;
    const touched = lists.get(each.after) ?? each.after.some((id) => reached.has(id));
    lists.set(each.after, touched);
    if (!touched) continue;
    reached.add(each.id);
    dependents += 1;
  }
  const names = (of: (each: PlannedNodeRole) => string): readonly string[] => [...new Set(acting.map(of))].toSorted();
  return {
    nodes: names((each) => each.node),
    deployments: names((each) => each.deployment),
    roles: names((each) => each.role),
    dependents,
  };
}
