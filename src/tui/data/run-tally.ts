import type { NodeRoleState } from "../../core/journal/events.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import { type Pace, type Parts, stepsOf } from "../../core/run/pace.ts";
import { type NodeRoleProgress, type RunState, isSettled } from "../../core/run/state.ts";

/** How a node-role stands, finer than its state: with more to tell about the good end. */
export type Outcome = NodeRoleState | "same" | "changed" | "fine";

/** How a node-role of a run stands. */
export function outcomeOf({ state, planned, changed }: NodeRoleProgress): Outcome {
  if (state !== "active") return state;
  return planned.action === "skip" ? "same" : changed > 0 ? "changed" : "fine";
}

/** True for outcomes that somebody has to look at. */
export function isWrong(state: NodeRoleState): boolean {
  return state === "error" || state === "unknown";
}

/** Counts of the node-roles of one role. */
export interface RoleTally {
  readonly counts: ReadonlyMap<Outcome, number>;
  readonly done: number;
  readonly total: number;
  readonly wrong: ReadonlySet<NodeRoleId>;
}

interface RoleCounts {
  readonly counts: Map<Outcome, number>;
  readonly wrong: Set<NodeRoleId>;
  done: number;
  total: number;
}

/**
 * Keeps the counts of a run event by event: a run may hold 20,000 node-roles, too many to be counted for every picture. Belongs to the fold and
 * is updated in place.
 */
export class RunTally {
  readonly #all = new Map<Outcome, number>();
  readonly #byRole = new Map<string, RoleCounts>();
  readonly #steps = { total: 0, done: 0, lost: 0 };
  #settled = 0;
  #wrong = 0;

  constructor({ nodeRoles }: RunState) {
    for (const each of nodeRoles.values()) this.#count(each, undefined, 1);
  }

  get all(): ReadonlyMap<Outcome, number> {
    return this.#all;
  }

  get byRole(): ReadonlyMap<string, RoleTally> {
    return this.#byRole;
  }

  get steps(): Parts {
    return this.#steps;
  }

  /** Node-roles that have come to an end, good or not. */
  get settled(): number {
    return this.#settled;
  }

  /** Node-roles that somebody has to look at. */
  get wrong(): number {
    return this.#wrong;
  }

  /** Does `change`, which changes at most the node-role `id`, and counts that one anew. */
  around<T extends RunState>(before: RunState, pace: Pace, id: NodeRoleId, change: () => T): T {
    const old = before.nodeRoles.get(id);
    if (old === undefined) return change();
    this.#count(old, pace.get(id), -1);
    const after = change();
    this.#count(after.nodeRoles.get(id) ?? old, pace.get(id), 1);
    return after;
  }

  #count(each: NodeRoleProgress, timing: Parameters<typeof stepsOf>[1], by: 1 | -1): void {
    const { planned, state } = each;
    const outcome = outcomeOf(each);
    const role = this.#byRole.get(planned.role) ?? { counts: new Map(), wrong: new Set(), done: 0, total: 0 };
    this.#byRole.set(planned.role, role);
    add(this.#all, outcome, by);
    add(role.counts, outcome, by);
    role.total += by;
    if (state === "active" || state === "retired") role.done += by;
    if (isSettled(state)) this.#settled += by;
    if (isWrong(state)) {
      this.#wrong += by;
      if (by === 1) role.wrong.add(planned.id);
      else role.wrong.delete(planned.id);
    }
    const steps = stepsOf(each, timing);
    if (steps === undefined) return;
    this.#steps.total += by * steps.total;
    this.#steps.done += by * steps.done;
    this.#steps.lost += by * steps.lost;
  }
}

function add(counts: Map<Outcome, number>, outcome: Outcome, by: 1 | -1): void {
  const n = (counts.get(outcome) ?? 0) + by;
  if (n === 0) counts.delete(outcome);
  else counts.set(outcome, n);
}
