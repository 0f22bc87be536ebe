import type { Recorded } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { NodeRoleProgress, RunState } from "./state.ts";
import { isSettled } from "./state.ts";

/** When a node-role ran, in ms since the epoch, and how many of its steps came to an end in its present attempt. */
export interface Timing {
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly stepsEnded: number;
}

/** How a run gets on, by node-role. Belongs to the fold and is updated in place. */
export type Pace = Map<NodeRoleId, Timing>;

/** Folds one event of a run into its pace. */
export function foldPace(pace: Pace, entry: Recorded): void {
  if (entry.type === "noderole.moved") {
    const id = entry.id as NodeRoleId;
    const before = pace.get(id);
    if (entry.state === "transition") pace.set(id, { startedAt: entry.at, stepsEnded: 0 });
    else if (before !== undefined && before.endedAt === undefined && isSettled(entry.state)) pace.set(id, { ...before, endedAt: entry.at });
    return;
  }
  if (entry.type === "step.finished" && (entry.section === "steps" || entry.section === "undo")) {
    const id = entry.id as NodeRoleId;
    const before = pace.get(id);
    if (before !== undefined) pace.set(id, { ...before, stepsEnded: before.stepsEnded + 1 });
  }
}

/** Counts of a run. `done + lost + left = total` for node-roles and for steps; node-roles without a change are not among them. */
export interface RunProgress {
  readonly nodeRoles: Parts & { readonly running: number };
  readonly steps: Parts;
  /** Node-roles where nothing is to change. */
  readonly unchanged: number;
}

/** Parts of a whole. `lost`: will not be done in this run (failed, unknown, not started). */
export interface Parts {
  readonly total: number;
  readonly done: number;
  readonly lost: number;
}

/** Counts how far a run has come. */
export function progressOf(state: RunState, pace: Pace): RunProgress {
  const nodeRoles = { total: 0, done: 0, lost: 0, running: 0 };
  const steps = { total: 0, done: 0, lost: 0 };
  let unchanged = 0;
  for (const [id, each] of state.nodeRoles) {
    const part = stepsOf(each, pace.get(id));
    if (part === undefined) {
      unchanged += 1;
      continue;
    }
    nodeRoles.total += 1;
    steps.total += part.total;
    steps.done += part.done;
    steps.lost += part.lost;
    if (each.state === "active" || each.state === "retired") nodeRoles.done += 1;
    else if (isSettled(each.state)) nodeRoles.lost += 1;
    else if (each.state === "transition") nodeRoles.running += 1;
  }
  return { nodeRoles, steps, unchanged };
}

/** How far the steps of one node-role have come; `undefined` where nothing is to change. */
export function stepsOf({ planned, state }: NodeRoleProgress, timing: Timing | undefined): Parts | undefined {
  if (planned.action === "skip" && state === "active") return undefined;
  const total = planned.steps.length;
  if (state === "active" || state === "retired") return { total, done: total, lost: 0 };
  const done = Math.min(total, timing?.stepsEnded ?? 0);
  return { total, done, lost: isSettled(state) ? total - done : 0 };
}
