import { type Problem, problem } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../model/plan.ts";
import { Frontier, type RolloutGroup } from "./frontier.ts";
import { type LimitsOf, Room } from "./label-limits.ts";
import { type NodeRoleProgress, type RunState, isSettled } from "./state.ts";

/** Bounds of one engine. */
export interface ScheduleLimits {
  /** Jobs at once over all nodes. */
  readonly maxJobs: number;
  /** Jobs at once over nodes that share a label's value. */
  readonly limitsOf?: LimitsOf;
}

/** What is to happen next. */
export interface Decision {
  readonly start: readonly NodeRoleId[];
  /** Node-roles that will not run in this run. */
  readonly block: readonly { readonly id: NodeRoleId; readonly problem: Problem }[];
  /** Set when everything is settled. */
  readonly end?: "succeeded" | "failed" | "cancelled";
}

/**
 * Decides about one plan; made once per run, then asked after every event. Same state, same decision; what it remembers only saves it looking at all
 * node-roles each time (frontier.ts). It does look at all of them once something has failed, and when the run is cancelled.
 */
export function createScheduler(body: PlanBody, limits: ScheduleLimits): (state: RunState) => Decision {
  let whole: ((state: RunState) => Decision) | undefined;
  const frontier = new Frontier(body, rolloutGroups(body));
  return (state) => {
    frontier.follow(state);
    if (state.cancel !== undefined || frontier.hasTrouble) {
      whole ??= createWholeScheduler(body, limits);
      const decision = whole(state);
      if (decision.block.length === 0) frontier.accept();
      return decision;
    }
    if (frontier.unsettled === 0) return { start: [], block: [], end: endPhase(state, 0) };
    return { start: state.paused ? [] : frontier.startable(limits.maxJobs - frontier.running, limits.limitsOf), block: [] };
  };
}

/** Decides by looking at all node-roles. Pure. */
export function createWholeScheduler(body: PlanBody, limits: ScheduleLimits): (state: RunState) => Decision {
  const groups = rolloutGroups(body);
  const quorums = quorumGroups(body);
  const groupOf = new Map<NodeRoleId, { readonly group: RolloutGroup; readonly batch: number }>();
  for (const group of groups) for (const [batch, ids] of group.batches.entries()) for (const id of ids) groupOf.set(id, { group, batch });

  return (state) => {
    const halted = haltReason(state);
    const failedNodes = nodesWithFailure(state);
    const spent = new Map([...new Set(quorums.values())].map((group) => [group, quorumSpent(group, state)]));
    const busyNodes = new Set<string>();
    let running = 0;
    for (const progress of state.nodeRoles.values()) {
      if (progress.state !== "transition") continue;
      busyNodes.add(progress.planned.node);
      running += 1;
    }
    const quorumObstacle = (progress: NodeRoleProgress): Problem | undefined => {
      const group = quorums.get(progress.planned.id);
      return group === undefined ? undefined : spent.get(group)?.(progress);
    };
    const room = new Room(limits.limitsOf, busyNodes);
    const start: NodeRoleId[] = [];
    const block: { id: NodeRoleId; problem: Problem }[] = [];
    const blockedNow = new Set<NodeRoleId>();
    const stands = parentsIn(state, blockedNow);
    let unsettled = 0;
    for (const [id, progress] of state.nodeRoles) {
      if (isSettled(progress.state)) continue;
      if (progress.state === "transition") {
        unsettled += 1;
        continue;
      }
      const obstacle = halted?.(progress) ?? obstacleOf(progress, stands, failedNodes) ?? quorumObstacle(progress);
      if (obstacle !== undefined) {
        block.push({ id, problem: obstacle });
        blockedNow.add(id);
        continue;
      }
      unsettled += 1;
      if (state.paused || running + start.length >= limits.maxJobs || busyNodes.has(progress.planned.node)) continue;
      if (!progress.planned.after.every((parent) => stands(parent).kind === "done") || !batchOpen(groupOf.get(id), state)) continue;
      if (!room.take(progress.planned.node)) continue;
      start.push(id);
      busyNodes.add(progress.planned.node);
    }
    if (unsettled > 0) return { start, block };
    return { start, block, end: endPhase(state, block.length) };
  };
}

/** Batches by rollout and cluster order, over the members that have something to do, in plan order. */
function rolloutGroups(body: PlanBody): RolloutGroup[] {
  const members = new Map<string, PlannedNodeRole[]>();
  for (const planned of body.nodeRoles) {
    const key = `${planned.deployment}\n${planned.role}\n${planned.action === "remove"}`;
    const list = members.get(key);
    if (list === undefined) members.set(key, [planned]);
    else list.push(planned);
  }
  return [...members.values()].map((all) => {
    const ids = all.filter((planned) => planned.action !== "skip").map((planned) => planned.id);
    return { batches: chunk(ids, batchSizes(all)) };
  });
}

/** Sizes of the first and of every later batch of a role, given all its members in a deployment. */
export function batchSizes(all: readonly PlannedNodeRole[]): { readonly first: number; readonly later: number } {
  const [any] = all;
  if (any === undefined) return { first: 1, later: 1 };
  const { batch } = any.rollout;
  const byRollout = batch === undefined ? all.length : "nodes" in batch ? batch.nodes : Math.floor((all.length * batch.percent) / 100);
  const order = any.action === "remove" ? undefined : any.order;
  const byOrder = order === undefined ? all.length : order.order === "one-by-one" ? 1 : (order.batch ?? all.length);
  const byQuorum = order?.quorum === undefined ? all.length : all.length - order.quorum;
  const later = Math.max(1, Math.min(byRollout, byOrder, byQuorum));
  return { first: order?.order === "founder-first" ? 1 : later, later };
}

/** Members of a role in a deployment of which some must stay active. */
interface QuorumGroup {
  readonly members: readonly NodeRoleId[];
  /** How many may be away at a time; one at least, else nothing could ever change. */
  readonly mayBeAway: number;
  readonly quorum: number;
}

function quorumGroups(body: PlanBody): ReadonlyMap<NodeRoleId, QuorumGroup> {
  const all = new Map<string, PlannedNodeRole[]>();
  for (const planned of body.nodeRoles) {
    if (planned.action === "remove" || planned.order?.quorum === undefined) continue;
    const key = `${planned.deployment}\n${planned.role}`;
    all.set(key, [...(all.get(key) ?? []), planned]);
  }
  const groups = new Map<NodeRoleId, QuorumGroup>();
  for (const members of all.values()) {
    const quorum = members[0]?.order?.quorum ?? 0;
    const group = { members: members.map(({ id }) => id), mayBeAway: Math.max(1, members.length - quorum), quorum };
    for (const id of group.members) groups.set(id, group);
  }
  return groups;
}

/** Why no further member may be touched: those that failed in this run are away, and one more would leave too few. */
function quorumSpent(group: QuorumGroup, state: RunState): ((progress: NodeRoleProgress) => Problem) | undefined {
  const failed = group.members.filter((id) => {
    const now = state.nodeRoles.get(id)?.state;
    return now === "error" || now === "unknown";
  });
  if (failed.length < group.mayBeAway) return undefined;
  return ({ planned }) =>
    problem("BLOCKED_BY_FAILURE", {
      message: `${planned.id} was not started: ${group.quorum} of ${group.members.length} members must stay active, and ${failed.join(", ")} failed.`,
      at: { node: planned.node, role: planned.role },
    });
}

function chunk(ids: readonly NodeRoleId[], sizes: { readonly first: number; readonly later: number }): NodeRoleId[][] {
  const batches: NodeRoleId[][] = [];
  for (let at = 0; at < ids.length; ) {
    const size = at === 0 ? sizes.first : sizes.later;
    batches.push(ids.slice(at, at + size));
    at += size;
  }
  return batches;
}

/** A function that tells why a node-role may not start any more, when the whole run has stopped starting work. */
function haltReason(state: RunState): ((progress: NodeRoleProgress) => Problem | undefined) | undefined {
  if (state.cancel !== undefined) {
    return ({ planned }) =>
      problem("RUN_CANCELLED", {
        message: `${planned.id} was not started: the run was cancelled.`,
        at: { node: planned.node, role: planned.role },
      });
  }
  const exceeded = budgetExceeded(state);
  if (exceeded === undefined) return undefined;
  return ({ planned }) =>
    problem("BLOCKED_BY_FAILURE", {
      message: `${planned.id} was not started: ${exceeded}.`,
      at: { node: planned.node, role: planned.role },
    });
}

/** Failed nodes per deployment against its failure budget. A rollout in batches without a budget of its own stops at the first failure. */
function budgetExceeded(state: RunState): string | undefined {
  const failed = new Map<string, Set<string>>();
  for (const { planned, state: now, problem: why } of state.nodeRoles.values()) {
    const { rollout, deployment } = planned;
    const unreachable = why !== undefined && (why.code === "HOST_UNREACHABLE" || why.code === "CONNECTION_LOST");
    if (unreachable && rollout.onUnreachable === "fail")
      return `${planned.node} is unreachable and deployment ${deployment} says onUnreachable: fail`;
    if (now !== "error" && now !== "unknown") continue;
    if (unreachable) continue;
    const budget = rollout.maxFailures ?? (rollout.batch === undefined ? undefined : 0);
    if (budget === undefined) continue;
    const nodes = failed.get(deployment) ?? new Set();
    nodes.add(planned.node);
    failed.set(deployment, nodes);
    if (nodes.size > budget) return `deployment ${deployment} has ${nodes.size} failed node(s), and its failure budget is ${budget}`;
  }
  return undefined;
}

function nodesWithFailure(state: RunState): ReadonlyMap<string, NodeRoleId> {
  const failed = new Map<string, NodeRoleId>();
  for (const [id, progress] of state.nodeRoles) {
    if ((progress.state === "error" || progress.state === "unknown") && !failed.has(progress.planned.node))
      failed.set(progress.planned.node, id);
  }
  return failed;
}

function obstacleOf(
  progress: NodeRoleProgress,
  stands: (parent: NodeRoleId) => Parent,
  failedNodes: ReadonlyMap<string, NodeRoleId>,
): Problem | undefined {
  const { planned } = progress;
  const at = { node: planned.node, role: planned.role };
  const failedHere = failedNodes.get(planned.node);
  if (failedHere !== undefined) {
    return problem("BLOCKED_BY_FAILURE", { message: `${planned.id} was not started: ${failedHere} failed on the same node.`, at });
  }
  for (const parent of planned.after) {
    const found = stands(parent);
    if (found.kind !== "stopped") continue;
    return problem("BLOCKED_BY_FAILURE", { message: `${planned.id} was not started: it needs ${found.id}, ${found.how}.`, at });
  }
  return undefined;
}

/** How something that is waited for stands. `stopped`: it, or what it waits for in turn, will not come in this run; `how` is the end of a sentence. */
type Parent =
  | { readonly kind: "done" }
  | { readonly kind: "waiting" }
  | { readonly kind: "stopped"; readonly id: NodeRoleId; readonly how: string };

/**
 * Tells how parents stand, for one decision. Those that have nothing to do stand from the start, but pass on what they wait for: the order of
 * the roles does not change because one in the middle has nothing to do.
 */
function parentsIn(state: RunState, blockedNow: ReadonlySet<NodeRoleId>): (parent: NodeRoleId) => Parent {
  const known = new Map<NodeRoleId, Parent>();
  const standing = (id: NodeRoleId): Parent => {
    const found = state.nodeRoles.get(id);
    if (found === undefined) return { kind: "done" };
    if (blockedNow.has(id)) return { kind: "stopped", id, how: "which was not started either" };
    switch (found.state) {
      case "error":
        return { kind: "stopped", id, how: "which failed" };
      case "unknown":
        return { kind: "stopped", id, how: "of which it is not known how it ended" };
      case "blocked":
        return { kind: "stopped", id, how: "which was not started either" };
      case "active":
      case "retired":
        return found.planned.action === "skip" ? worstOf(found.planned.after) : { kind: "done" };
      default:
        return { kind: "waiting" };
    }
  };
  const stands = (id: NodeRoleId): Parent => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const found = standing(id);
    known.set(id, found);
    return found;
  };
  const worstOf = (ids: readonly NodeRoleId[]): Parent => {
    const all = ids.map(stands);
    return all.find(({ kind }) => kind === "stopped") ?? all.find(({ kind }) => kind === "waiting") ?? { kind: "done" };
  };
  return stands;
}

function batchOpen(place: { readonly group: RolloutGroup; readonly batch: number } | undefined, state: RunState): boolean {
  if (place === undefined) return true;
  for (let earlier = 0; earlier < place.batch; earlier += 1) {
    for (const id of place.group.batches[earlier] ?? []) {
      const progress = state.nodeRoles.get(id);
      if (progress !== undefined && !isSettled(progress.state)) return false;
    }
  }
  return true;
}

function endPhase(state: RunState, blockedNow: number): "succeeded" | "failed" | "cancelled" {
  if (state.cancel !== undefined) return "cancelled";
  if (blockedNow > 0) return "failed";
  for (const { state: now } of state.nodeRoles.values()) if (now === "error" || now === "unknown" || now === "blocked") return "failed";
  return "succeeded";
}
