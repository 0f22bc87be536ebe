import type { Recorded } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { RunState } from "./state.ts";
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
  for (const [id, { planned, state: now }] of state.nodeRoles) {
    if (planned.action === "skip" && now === "active") {
      unchanged += 1;
      continue;
    }
    const all = planned.steps.length;
    const ended = Math.min(all, pace.get(id)?.stepsEnded ?? 0);
    nodeRoles.total += 1;
    steps.total += all;
    if (now === "active" || now === "retired") {
      nodeRoles.done += 1;
      steps.done += all;
    } else if (isSettled(now)) {
      nodeRoles.lost += 1;
      steps.done += ended;
      steps.lost += all - ended;
    } else {
      steps.done += ended;
      if (now === "transition") nodeRoles.running += 1;
    }
  }
  return { nodeRoles, steps, unchanged };
}
