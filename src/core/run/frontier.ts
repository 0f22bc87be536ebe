import type { NodeRoleState } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../model/plan.ts";
import { type LimitsOf, Room } from "./label-limits.ts";
import { type RunState, isSettled } from "./state.ts";

/** The order in which the members of one role of one deployment may run. */
export interface RolloutGroup {
  readonly batches: readonly (readonly NodeRoleId[])[];
}

/** One node-role of the plan, by its place in the plan's order. */
interface Item {
  readonly planned: PlannedNodeRole;
  children: Item[];
  readonly place: number;
  state: NodeRoleState;
  /** It stands, and so does all that it waits for: what waits for it need not wait any more. */
  done: boolean;
  /** Entries of `after` that are not done. */
  missing: number;
  batch?: { readonly group: Batches; readonly number: number };
}

/** The batches of one group: how many members of each are not settled, and those that wait for their turn. */
interface Batches {
  readonly left: number[];
  readonly waiting: Map<number, Item[]>;
  open: number;
}

/**
 * Which node-roles may start, kept up to date move by move instead of being looked for among all of them after every event: a run of 50,000 node-roles
 * has some 150,000 of those. It knows of order, batches and busy nodes. Of failures it only tells that there are new ones (`hasTrouble`).
 */
export class Frontier {
  readonly #body: PlanBody;
  readonly #groups: readonly RolloutGroup[];
  #items = new Map<NodeRoleId, Item>();
  /** Whose turn it is and whose node is free, in plan order. */
  #ready: Item[] = [];
  /** Whose turn it is while something else runs on their node. */
  #parked = new Map<string, Item[]>();
  #runningOn = new Map<string, number>();
  #followed: RunState["nodeRoles"] | undefined;
  #read = 0;
  #trouble = false;
  #open = 0;
  #running = 0;

  constructor(body: PlanBody, groups: readonly RolloutGroup[]) {
    this.#body = body;
    this.#groups = groups;
  }

  /** Node-roles that run. */
  get running(): number {
    return this.#running;
  }

  /** Node-roles that are not settled, those that run among them. */
  get unsettled(): number {
    return this.#open + this.#running;
  }

  /** True when something has failed, or is blocked, since `accept`. */
  get hasTrouble(): boolean {
    return this.#trouble;
  }

  /** Everything that has failed so far was looked at, and nothing more is blocked by it. */
  accept(): void {
    this.#trouble = false;
  }

  /** Takes in what has moved. A state that is not the one followed so far is taken in whole. */
  follow(state: RunState): void {
    const { nodeRoles, moves } = state;
    if (this.#followed !== nodeRoles || moves.length < this.#read) {
      this.#begin(state);
      return;
    }
    for (; this.#read < moves.length; this.#read += 1) {
      const item = this.#items.get(moves[this.#read] as NodeRoleId);
      const now = item === undefined ? undefined : nodeRoles.get(item.planned.id)?.state;
      if (item === undefined || now === undefined || now === item.state) continue;
      if (isSettled(item.state)) return this.#begin(state); // nothing comes back in a run; if it does, nothing that is kept here holds
      this.#move(item, now);
    }
  }

  /** The first that may start, in plan order, at most one per node and so many in all, and no more on nodes with a limited label than it allows. */
  startable(most: number, limits?: LimitsOf): NodeRoleId[] {
    const room = new Room(limits, this.#runningOn.keys());
    const start: NodeRoleId[] = [];
    const taken = new Set<string>();
    const kept: Item[] = [];
    let seen = 0;
    while (start.length < most && seen < this.#ready.length) {
      const item = this.#ready[seen] as Item;
      seen += 1;
      const { id, node } = item.planned;
      if (this.#runningOn.has(node)) {
        append(this.#parked, node, item);
        continue;
      }
      kept.push(item);
      if (taken.has(node) || !room.take(node)) continue;
      taken.add(node);
      start.push(id);
    }
    if (kept.length < seen) this.#ready.splice(0, seen, ...kept);
    return start;
  }

  #begin({ nodeRoles, moves }: RunState): void {
    this.#followed = nodeRoles;
    this.#read = moves.length;
    this.#ready = [];
    this.#parked = new Map();
    this.#runningOn = new Map();
    this.#open = 0;
    this.#running = 0;
    this.#trouble = true;
    const items = this.#body.nodeRoles.map((planned, place): Item => {
      const state = nodeRoles.get(planned.id)?.state ?? "waiting";
      return { planned, children: [], place, state, done: false, missing: 0 };
    });
    this.#items = new Map(items.map((item) => [item.planned.id, item]));
    this.#gather();
    for (const item of items) {
      for (const id of item.planned.after) {
        const parent = this.#items.get(id);
        if (parent === undefined) continue;
        parent.children.push(item);
        item.missing += 1;
      }
      if (item.state === "transition") this.#ran(item, 1);
      else if (!isSettled(item.state)) this.#open += 1;
    }
    // Without the room for seventeen that a list has once something was added.
    for (const item of items) item.children = item.children.slice();
    const free = items.filter((item) => item.missing === 0 || stands(item));
    for (const item of free) this.#reached(item);
  }

  #gather(): void {
    for (const { batches } of this.#groups) {
      const group: Batches = { left: batches.map(() => 0), waiting: new Map(), open: 0 };
      for (const [number, ids] of batches.entries()) {
        for (const id of ids) {
          const item = this.#items.get(id);
          if (item === undefined) continue;
          item.batch = { group, number };
          if (!isSettled(item.state)) group.left[number] = (group.left[number] ?? 0) + 1;
        }
      }
      this.#openBatches(group);
    }
  }

  #move(item: Item, now: NodeRoleState): void {
    const before = item.state;
    item.state = now;
    if (before === "transition") this.#ran(item, -1);
    else this.#open -= 1;
    if (now === "transition") this.#ran(item, 1);
    else if (!isSettled(now)) this.#open += 1;
    if (before !== "transition") this.#drop(item);
    if (before === "transition" && !isSettled(now)) this.#offer(item);
    if (!isSettled(now)) return;
    if (now !== "active" && now !== "retired") this.#trouble = true;
    if (item.batch !== undefined) {
      const { group, number } = item.batch;
      group.left[number] = (group.left[number] ?? 0) - 1;
      this.#openBatches(group);
    }
    if (stands(item)) this.#reached(item);
  }

  /** It stands, or all that it waits for is done. */
  #reached(item: Item): void {
    const reached = [item];
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      if (!isSettled(next.state)) this.#offer(next);
      if (!stands(next) || next.done) continue;
      next.done = true;
      for (const child of next.children) {
        child.missing -= 1;
        if (child.missing === 0) reached.push(child);
      }
    }
  }

  /** Puts what waits for nothing any more where it belongs: to its batch, to its node, or to those that may start. */
  #offer(item: Item): void {
    if (item.state === "transition" || item.missing > 0) return;
    const { batch, planned } = item;
    if (batch !== undefined && batch.number > batch.group.open) append(batch.group.waiting, batch.number, item);
    else if (this.#runningOn.has(planned.node)) append(this.#parked, planned.node, item);
    else this.#ready.splice(this.#placeOf(item), 0, item);
  }

  #drop(item: Item): void {
    const at = this.#placeOf(item);
    if (this.#ready[at] === item) this.#ready.splice(at, 1);
    else remove(this.#parked, item.planned.node, item);
    if (item.batch !== undefined) remove(item.batch.group.waiting, item.batch.number, item);
  }

  #openBatches(group: Batches): void {
    while (group.open < group.left.length - 1 && group.left[group.open] === 0) {
      group.open += 1;
      const turn = group.waiting.get(group.open) ?? [];
      group.waiting.delete(group.open);
      for (const item of turn) this.#offer(item);
    }
  }

  #ran(item: Item, by: 1 | -1): void {
    const { node } = item.planned;
    this.#running += by;
    const count = (this.#runningOn.get(node) ?? 0) + by;
    if (count > 0) {
      this.#runningOn.set(node, count); // what else could start there is parked when it is come upon
      return;
    }
    this.#runningOn.delete(node);
    const turn = this.#parked.get(node) ?? [];
    this.#parked.delete(node);
    for (const each of turn) this.#offer(each);
  }

  /** Where it stands, or would stand, among those that may start. */
  #placeOf(item: Item): number {
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ready[middle]?.place ?? 0) < item.place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What has nothing to do stands from the start, but passes on what it waits for. */
function stands({ state, planned, missing }: Item): boolean {
  return (state === "active" || state === "retired") && (planned.action !== "skip" || missing === 0);
}

function append<K>(lists: Map<K, Item[]>, key: K, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function remove<K>(lists: Map<K, Item[]>, key: K, item: Item): void {
  const list = lists.get(key);
  const at = list?.indexOf(item) ?? -1;
  if (at >= 0) list?.splice(at, 1);
}
