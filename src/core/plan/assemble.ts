import { type Problem, problem } from "../errors.ts";
import type { Cluster, Rollout } from "../model/cluster.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlanLimit, PlannedNodeRole, PlannedOrder, PlannedSecret, Rename } from "../model/plan.ts";
import { compareNatural } from "../model/natural-order.ts";
import { AfterLists } from "./after.ts";
import type { AppliedNodeRole } from "./applied.ts";
import { compareText } from "./catalogue.ts";
import { type CheckResult, PlannedSteps, type ToldResolution, type UnmetCheck } from "./check-result.ts";
import { selectedGraph } from "./cohorts.ts";
import type { Graph, OrderedNodeRole } from "./graph.ts";
import { memberOrders } from "./members.ts";
import { mergeProblems } from "./merge-problems.ts";
import { renameProblems } from "./renames.ts";
import { inOneGo, type Portions } from "../portions.ts";
import { removals } from "./removals.ts";

/** What a plan is put together from. */
export interface AssembleInput {
  readonly cluster: Cluster;
  /** The whole graph; what is not selected is left out of the plan. */
  readonly graph: Graph;
  readonly resolutions: ReadonlyMap<NodeRoleId, ToldResolution>;
  /** By node-role, those to be removed included. Node-roles without an entry were not checked. */
  readonly checks: ReadonlyMap<NodeRoleId, CheckResult>;
  readonly applied: readonly AppliedNodeRole[];
  /** Deployments asked for; absent = all. */
  readonly deployments?: readonly string[];
  /** Bounds of a plan with a purpose of its own; `deployments` says nothing then. */
  readonly limit?: PlanLimit;
  /** Nodes that have other names than when something was applied there; `applied` has the present ones. */
  readonly renames?: readonly Rename[];
  /** Node-roles that failed, or whose outcome is unknown, and that were not found working since. */
  readonly unfinished?: ReadonlySet<NodeRoleId>;
  /** No node was asked; `limit` says what it is for otherwise. */
  readonly preview?: true;
  /** All notified restarts are put off. */
  readonly restarts?: "later";
  /** Problems that do not prevent the plan. */
  readonly problems?: readonly Problem[];
}

/**
 * Puts the plan's body together: the same input gives the same body, whatever the order of maps and lists.
 * Problems inside the body: `PROVIDER_BLOCKED`, `PROVIDER_NOT_ACTIVE`, `NODE_GONE`, `STILL_NEEDED`, and those of failed checks.
 */
export function assemblePlan(input: AssembleInput): PlanBody {
  return inOneGo(assembling(input));
}

/** Node-roles that are put together in one portion: some ms of computing. */
const nodeRolesAtOnce = 500;

/** `assemblePlan` in portions: that of a large plan takes a while. */
export function* assembling(input: AssembleInput): Portions<PlanBody> {
  const graph = selectedGraph(input.graph);
  const after = new AfterLists(graph.ranked);
  const applied = new Map(input.applied.map((each) => [each.id, each]));
  const orderOf = memberOrders(
    input.graph.nodeRoles.map((each) => each.bound),
    applied,
  );
  const awaited = awaitedOutputs(graph, input.resolutions);
  const progress: Progress = {
    steps: new PlannedSteps(),
    changing: new Set(),
    changingNodes: new Set(),
    losing: nodesLosing(input),
    blocked: new Map(),
    problems: [...(input.problems ?? [])],
  };
  yield;
  const planned: PlannedNodeRole[] = [];
  for (const ordered of graph.nodeRoles) {
    const resolution = input.resolutions.get(ordered.bound.id);
    if (resolution === undefined) continue;
    const inactive = inactiveProvider(ordered, applied);
    if (inactive !== undefined) progress.problems.push(inactive);
    planned.push(
      planOne(
        {
          ordered,
          resolution,
          check: input.checks.get(ordered.bound.id),
          after: after.of(ordered.waits),
          inactive,
          awaited,
          rollout: rolloutOf(ordered.bound.deployment.rollout, input),
          order: orderOf(ordered.bound),
          stands: applied.get(ordered.bound.id),
          unfinished: input.unfinished?.has(ordered.bound.id) ?? false,
        },
        progress,
      ),
    );
    if (planned.length % nodeRolesAtOnce === 0) yield;
  }
  const gone = removals({
    cluster: input.cluster,
    applied: input.applied,
    bound: new Set(input.graph.byId.keys()),
    planned: new Set(planned.map((each) => each.id)),
    checks: input.checks,
    ...(input.deployments === undefined ? {} : { deployments: input.deployments }),
    ...(input.limit === undefined ? {} : { only: input.limit.gone }),
  });
  for (const entry of gone.entries) if (entry.blocked !== undefined) progress.problems.push(entry.blocked);
  const { renames = [] } = input;
  progress.problems.push(...renameProblems(renames, planned, applied, input.cluster));
  const nodeRoles = gone.entries.length === 0 ? planned : withRemovals(planned, gone.entries, gone.first);
  const names = namesOf(input, nodeRoles);
  return {
    halligan: 1,
    cluster: input.cluster.name,
    deployments: [...new Set(names)].toSorted(compareText),
    nodeRoles,
    ...purposeOf(input),
    ...(renames.length === 0 ? {} : { renames }),
    problems: mergeProblems([...progress.problems, ...gone.problems]).toSorted(byText),
  };
}

function purposeOf({ preview, limit }: AssembleInput): Pick<PlanBody, "purpose"> {
  if (preview === true) return { purpose: { kind: "preview" } };
  return limit === undefined ? {} : { purpose: limit.purpose };
}

/** How a deployment is rolled out in this plan: whether restarts are put off may be said for the plan. */
function rolloutOf(rollout: Rollout, { restarts, limit }: AssembleInput): Rollout {
  if (limit?.purpose.kind === "restart" && rollout.restarts !== undefined) {
    const { restarts: _later, ...now } = rollout;
    return now;
  }
  return restarts === undefined || limit?.purpose.kind === "restart" ? rollout : { ...rollout, restarts };
}

/** Deployments that the plan is about. */
function namesOf({ limit, deployments, cluster }: AssembleInput, nodeRoles: readonly PlannedNodeRole[]): readonly string[] {
  if (limit !== undefined) return nodeRoles.map((each) => each.deployment);
  return deployments ?? cluster.deployments.map((each) => each.name);
}

interface Progress {
  readonly steps: PlannedSteps;
  /** Node-roles that will or may change something. */
  readonly changing: Set<NodeRoleId>;
  readonly changingNodes: Set<string>;
  /** Nodes from which this plan takes a role away. */
  readonly losing: ReadonlySet<string>;
  readonly blocked: Map<NodeRoleId, Problem>;
  readonly problems: Problem[];
}

interface One {
  readonly ordered: OrderedNodeRole;
  readonly resolution: ToldResolution;
  readonly check: CheckResult | undefined;
  readonly after: readonly NodeRoleId[];
  readonly inactive: Problem | undefined;
  readonly awaited: ReadonlySet<NodeRoleId>;
  readonly rollout: Rollout;
  readonly order: PlannedOrder | undefined;
  /** The node-role as it was last applied. */
  readonly stands: AppliedNodeRole | undefined;
  /** Its steps may all be done: that it works was not seen. */
  readonly unfinished: boolean;
}

function planOne(one: One, progress: Progress): PlannedNodeRole {
  const { bound, cohort } = one.ordered;
  const steps = progress.steps.of(one.resolution, one.check, progress.changing);
  const changes = one.awaited.has(bound.id) || one.unfinished || steps.some((step) => step.change !== "none");
  const blocked = changes ? blockOf(one, progress) : undefined;
  if (changes) {
    progress.changing.add(bound.id);
    if (blocked === undefined) progress.changingNodes.add(bound.node.name);
  }
  if (blocked !== undefined) progress.blocked.set(bound.id, blocked);
  return {
    id: bound.id,
    node: bound.node.name,
    role: bound.role.name,
    barclamp: bound.barclamp.name,
    barclampDigest: bound.barclamp.digest,
    deployment: bound.deployment.name,
    cohort,
    action: changes ? "apply" : "skip",
    actions: one.resolution.actions,
    after: one.after,
    steps,
    rollout: one.rollout,
    ...(one.order === undefined ? {} : { order: one.order }),
    inputs: one.resolution.inputs,
    outputs: one.resolution.outputs,
    secrets:
      one.resolution.secrets.length === 0 ? one.resolution.secrets : one.resolution.secrets.map((each) => withEarlier(each, one.stands)),
    ...(bound.role.critical === true ? { critical: true } : {}),
    ...(blocked === undefined ? {} : { blocked }),
  };
}

/** A secret with the version that stands on the node, when that is another one. */
function withEarlier(secret: PlannedSecret, stands: AppliedNodeRole | undefined): PlannedSecret {
  const was = stands?.secrets?.find((each) => each.name === secret.name)?.version;
  return was === undefined || was === secret.version ? secret : { ...secret, was };
}

/**
 * Why a node-role cannot run. A check that failed on a node where an earlier node-role changes something is no reason: it may have failed for
 * want of just that change, and is made again when the run comes to it. Conditions of the barclamp's own that do not hold are told all at once.
 */
function blockOf(one: One, progress: Progress): Problem | undefined {
  const { bound } = one.ordered;
  const failed = one.check?.failed;
  if (failed !== undefined && !progress.changingNodes.has(bound.node.name)) {
    progress.problems.push(failed);
    return failed;
  }
  const unmet = (one.check?.unmet ?? []).filter((each) => !mayBeCured(each, one, progress)).map((each) => each.problem);
  progress.problems.push(...unmet);
  if (unmet[0] !== undefined) return unmet[0];
  if (one.inactive !== undefined) return one.inactive;
  const blocker = one.after.find((id) => progress.blocked.has(id));
  if (blocker === undefined) return undefined;
  const why = progress.blocked.get(blocker);
  return problem("PROVIDER_BLOCKED", {
    message: `${bound.id} waits for ${blocker}, which cannot run`,
    at: { node: bound.node.name, role: bound.role.name },
    cause: why === undefined ? undefined : why.code === "PROVIDER_BLOCKED" ? why.cause : `${why.code}: ${why.message}`,
  });
}

/** True where this plan itself may make the condition hold before the node-role's turn comes; the run judges it again then. */
function mayBeCured({ kind, curedBy }: UnmetCheck, { ordered, after }: One, progress: Progress): boolean {
  const { name } = ordered.bound.node;
  if (kind === "port" && progress.losing.has(name)) return true;
  return curedBy.some((role) => progress.changing.has(`${name}/${role}`) && after.includes(`${name}/${role}`));
}

function nodesLosing(input: AssembleInput): ReadonlySet<string> {
  const { applied, graph, deployments } = input;
  return new Set(
    applied.flatMap(({ id, node, deployment }) => (graph.byId.has(id) || deployments?.includes(deployment) === false ? [] : [node])),
  );
}

/** Providers whose late outputs somebody needs and nobody has seen: they run even if nothing is to be changed, so that the value is told. */
function awaitedOutputs(graph: Graph, resolutions: ReadonlyMap<NodeRoleId, ToldResolution>): ReadonlySet<NodeRoleId> {
  const awaited = new Set<NodeRoleId>();
  for (const { bound } of graph.nodeRoles) {
    for (const input of Object.values(resolutions.get(bound.id)?.inputs ?? {})) {
      if (!input.known) for (const id of input.from) awaited.add(id);
    }
  }
  return awaited;
}

/** A provider outside of the plan that never became active. */
function inactiveProvider(ordered: OrderedNodeRole, applied: ReadonlyMap<NodeRoleId, AppliedNodeRole>): Problem | undefined {
  for (const wait of ordered.waits) {
    const missing = wait.providers.find((each) => !each.selected && !applied.has(each.id));
    if (missing === undefined) continue;
    const { bound } = ordered;
    const { name } = missing.deployment;
    return problem("PROVIDER_NOT_ACTIVE", {
      message: `role ${bound.role.name} of deployment ${bound.deployment.name} needs ${missing.role.name} of deployment ${name}, which was never applied`,
      at: bound.role.place,
      hint: `Plan ${name} and ${bound.deployment.name} together, or apply ${name} first.`,
    });
  }
  return undefined;
}

/** Joins removals with the rest and counts cohorts anew over both. */
function withRemovals(
  planned: readonly PlannedNodeRole[],
  entries: readonly PlannedNodeRole[],
  first: ReadonlyMap<string, readonly NodeRoleId[]>,
): readonly PlannedNodeRole[] {
  const waiting = planned.map((each) => {
    const removed = each.action === "apply" ? (first.get(each.node) ?? []) : [];
    return removed.length === 0 ? each : { ...each, after: [...each.after, ...removed] };
  });
  const all = [...waiting, ...entries];
  const byId = new Map(all.map((each) => [each.id, each]));
  const cohorts = new Map<NodeRoleId, number>();
  const lists = new Map<readonly NodeRoleId[], number>();
  const cohortOf = (id: NodeRoleId): number => {
    const known = cohorts.get(id);
    if (known !== undefined) return known;
    cohorts.set(id, 0);
    const after = byId.get(id)?.after ?? [];
    let depth = lists.get(after);
    if (depth === undefined) {
      depth = 0;
      for (const each of after) if (byId.has(each)) depth = Math.max(depth, cohortOf(each) + 1);
      lists.set(after, depth);
    }
    cohorts.set(id, depth);
    return depth;
  };
  return all
    .map((each) => ({ ...each, cohort: cohortOf(each.id) }))
    .toSorted((a, b) => a.cohort - b.cohort || compareNatural(a.node, b.node) || compareText(a.role, b.role));
}

function byText(a: Problem, b: Problem): number {
  return compareText(a.code, b.code) || compareText(a.message, b.message);
}
