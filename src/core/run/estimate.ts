import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { Pace } from "./pace.ts";
import { batchSizes } from "./schedule.ts";
import { type RunState, isSettled } from "./state.ts";

/**
 * How long a run will still take, in ms, judged from what has been done in it: node-roles take as long as others of the same role took,
 * else as their steps would at the pace so far. The answer is the longest of what bounds it: the chain of node-roles that wait for each other,
 * the work of the busiest node, and batches that follow each other. `undefined` while nothing has come to an end.
 */
export function estimateLeftMs(state: RunState, pace: Pace, now: number): number | undefined {
  const expected = expectation(state, pace);
  if (expected === undefined) return undefined;
  const leftOf = (id: NodeRoleId, planned: PlannedNodeRole): number => {
    const started = pace.get(id);
    const whole = expected(planned);
    // What runs longer than expected is taken to be nearly there.
    return started === undefined || started.endedAt !== undefined ? whole : Math.max(whole * 0.1, whole - (now - started.startedAt));
  };
  const path = new Map<NodeRoleId, number>();
  const perNode = new Map<string, number>();
  const perGroup = new Map<string, { left: number; members: number; width: number }>();
  const widths = groupWidths(state);
  let longest = 0;
  // Plan order is cohort order, so whatever a node-role waits for comes before it.
  for (const [id, { planned, state: at }] of state.nodeRoles) {
    if (isSettled(at)) continue;
    const left = leftOf(id, planned);
    const before = planned.after.reduce((most, parent) => Math.max(most, path.get(parent) ?? 0), 0);
    path.set(id, before + left);
    const node = (perNode.get(planned.node) ?? 0) + left;
    perNode.set(planned.node, node);
    const key = groupOf(planned);
    const group = perGroup.get(key) ?? { left: 0, members: 0, width: 1 };
    perGroup.set(key, { left: group.left + left, members: group.members + 1, width: widths.get(key) ?? 1 });
    longest = Math.max(longest, before + left, node);
  }
  for (const { left, members, width } of perGroup.values()) longest = Math.max(longest, (left / members) * Math.ceil(members / width));
  return longest;
}

/** Expected duration of a node-role in ms, learnt from those that came to a good end. */
function expectation(state: RunState, pace: Pace): ((planned: PlannedNodeRole) => number) | undefined {
  const byRole = new Map<string, number[]>();
  let ms = 0;
  let steps = 0;
  for (const [id, timing] of pace) {
    const progress = state.nodeRoles.get(id);
    if (progress === undefined || timing.endedAt === undefined || (progress.state !== "active" && progress.state !== "retired")) continue;
    const took = timing.endedAt - timing.startedAt;
    ms += took;
    steps += Math.max(1, progress.planned.steps.length);
    const known = byRole.get(keyOf(progress.planned));
    if (known === undefined) byRole.set(keyOf(progress.planned), [took]);
    else known.push(took);
  }
  if (steps === 0) return undefined;
  const medians = new Map([...byRole].map(([role, all]) => [role, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]));
  return (planned) => medians.get(keyOf(planned)) ?? (ms / steps) * Math.max(1, planned.steps.length);
}

function keyOf(planned: PlannedNodeRole): string {
  return `${planned.role} ${planned.action}`;
}

function groupOf(planned: PlannedNodeRole): string {
  return `${planned.deployment}\n${planned.role}`;
}

/** How many members of each role run at once, as the rollout and the cluster order allow. */
function groupWidths(state: RunState): ReadonlyMap<string, number> {
  const groups = new Map<string, PlannedNodeRole[]>();
  for (const { planned } of state.nodeRoles.values()) {
    const group = groups.get(groupOf(planned));
    if (group === undefined) groups.set(groupOf(planned), [planned]);
    else group.push(planned);
  }
  return new Map([...groups].map(([key, all]) => [key, batchSizes(all).later]));
}
