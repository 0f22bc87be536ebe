import { type Problem, problem } from "../errors.ts";
import type { Cluster } from "../model/cluster.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole, PlannedStep } from "../model/plan.ts";
import type { AppliedNodeRole } from "./applied.ts";
import { compareText, listing } from "./catalogue.ts";
import type { CheckResult } from "./check-result.ts";

/** What removals are found from. */
export interface RemovalInput {
  readonly cluster: Cluster;
  readonly applied: readonly AppliedNodeRole[];
  /** Ids of all bound node-roles, asked for or not. */
  readonly bound: ReadonlySet<NodeRoleId>;
  /** Ids of node-roles that the plan holds already. */
  readonly planned: ReadonlySet<NodeRoleId>;
  readonly deployments?: readonly string[];
  /** What may go, when the plan has bounds of its own; `deployments` says nothing then. */
  readonly only?: ReadonlySet<NodeRoleId>;
  readonly checks: ReadonlyMap<NodeRoleId, CheckResult>;
}

/** Entries to remove (cohorts not yet set), and what the others must wait for. */
export interface Removals {
  readonly entries: readonly PlannedNodeRole[];
  /** Removals that nothing of the plan must precede: applying on the same node waits for them, so that ports and files are free. */
  readonly first: ReadonlyMap<string, readonly NodeRoleId[]>;
  readonly problems: readonly Problem[];
}

/**
 * Node-roles that were applied and are no longer placed. Dependents go first; a removed provider stays until those who used it have been
 * applied with their new one. Problems: `NODE_GONE`, `STILL_NEEDED`.
 */
export function removals(input: RemovalInput): Removals {
  const nodes = new Set(input.cluster.nodes.map((node) => node.name));
  const wanted = input.deployments === undefined ? undefined : new Set(input.deployments);
  const { only } = input;
  const isMeant = (each: AppliedNodeRole): boolean =>
    only === undefined ? wanted === undefined || wanted.has(each.deployment) : only.has(each.id);
  const gone = input.applied.filter((each) => !input.bound.has(each.id) && isMeant(each));
  const removed = gone.filter((each) => nodes.has(each.node)).toSorted((a, b) => compareText(a.id, b.id));
  const after = dependents(removed, input);
  const entries = removed.map((each) => entryOf(each, after.get(each.id) ?? [], input.checks.get(each.id)));
  return {
    entries,
    first: firstByNode(removed, after, new Set(removed.map((each) => each.id))),
    problems: [...nodesGone(gone, nodes), ...(only === undefined ? [] : stillNeeded(removed, input))],
  };
}

/** What stays active and was applied with something that goes: it may stop working. One problem per node-role that goes. */
function stillNeeded(removed: readonly AppliedNodeRole[], { applied }: RemovalInput): readonly Problem[] {
  const going = new Set(removed.map((each) => each.id));
  return removed.flatMap(({ id, node, role }) => {
    const users = applied.filter((each) => !going.has(each.id) && each.after.includes(id)).map((each) => each.id);
    if (users.length === 0) return [];
    const message = `${listing(users.toSorted(compareText))} ${users.length === 1 ? "was" : "were"} applied with ${id}, which goes: ${users.length === 1 ? "it stays, and" : "they stay, and"} may stop working`;
    return [problem("STILL_NEEDED", { message, at: { node, role } })];
  });
}

/** Who used each removed node-role: they go, or change over, before it. */
function dependents(removed: readonly AppliedNodeRole[], input: RemovalInput): ReadonlyMap<NodeRoleId, readonly NodeRoleId[]> {
  const going = new Set(removed.map((each) => each.id));
  const users = new Map<NodeRoleId, NodeRoleId[]>();
  for (const each of input.applied) {
    if (!going.has(each.id) && !input.planned.has(each.id)) continue;
    for (const provider of each.after) {
      if (!going.has(provider)) continue;
      const list = users.get(provider);
      if (list === undefined) users.set(provider, [each.id]);
      else list.push(each.id);
    }
  }
  for (const list of users.values()) list.sort(compareText);
  return users;
}

/** Removals that wait, at any distance, only for other removals; by node. */
function firstByNode(
  removed: readonly AppliedNodeRole[],
  after: ReadonlyMap<NodeRoleId, readonly NodeRoleId[]>,
  going: ReadonlySet<NodeRoleId>,
): ReadonlyMap<string, readonly NodeRoleId[]> {
  const known = new Map<NodeRoleId, boolean>();
  const alone = (id: NodeRoleId): boolean => {
    const answer = known.get(id);
    if (answer !== undefined) return answer;
    known.set(id, true);
    const result = (after.get(id) ?? []).every((user) => going.has(user) && alone(user));
    known.set(id, result);
    return result;
  };
  const byNode = new Map<string, NodeRoleId[]>();
  for (const each of removed) {
    if (alone(each.id)) byNode.set(each.node, [...(byNode.get(each.node) ?? []), each.id]);
  }
  return byNode;
}

function entryOf(each: AppliedNodeRole, after: readonly NodeRoleId[], check: CheckResult | undefined): PlannedNodeRole {
  const judged = new Map((check?.steps ?? []).map((step) => [step.id, step]));
  const steps = each.undo.map((step): PlannedStep => {
    const found = judged.get(step.id);
    const diff = step.secret ? undefined : found?.diff;
    return {
      id: step.id,
      kind: step.kind,
      label: step.label,
      change: found?.change === "none" ? "none" : "destroy",
      ...(diff === undefined || diff === "" ? {} : { diff }),
      ...(found?.observed === undefined ? {} : { observed: found.observed }),
    };
  });
  return {
    id: each.id,
    node: each.node,
    role: each.role,
    barclamp: each.barclamp,
    barclampDigest: each.barclampDigest,
    deployment: each.deployment,
    cohort: 0,
    action: "remove",
    actions: each.digest,
    after,
    steps,
    rollout: each.rollout,
    inputs: {},
    outputs: {},
    secrets: [],
    ...(check?.failed === undefined ? {} : { blocked: check.failed }),
  };
}

function nodesGone(gone: readonly AppliedNodeRole[], nodes: ReadonlySet<string>): readonly Problem[] {
  const names = [...new Set(gone.filter((each) => !nodes.has(each.node)).map((each) => each.node))].toSorted(compareText);
  return names.map((node) => {
    const roles = gone.filter((each) => each.node === node).map((each) => each.role);
    return problem("NODE_GONE", {
      message: `node ${node} is no longer in the cluster file; ${listing(roles.toSorted(compareText))} on it will not be undone`,
      at: { node },
    });
  });
}
