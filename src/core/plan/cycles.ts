import { type Problem, problem } from "../errors.ts";
import type { BoundNodeRole } from "./graph.ts";
import type { Waiting } from "./order.ts";

/** Circles reported at most; and node-roles from which one is searched. Enough to repair a cluster file, small enough to stay fast. */
const MAX_CYCLES = 20;
const MAX_STARTS = 400;
const MAX_STEPS = 200_000;

/**
 * Explains node-roles that wait for each other. Each circle of roles is reported once, with the whole path: `a -> b` means a waits for b.
 */
export function findCycles(stuck: readonly Waiting[]): readonly Problem[] {
  const byBound = new Map<BoundNodeRole, Waiting>(stuck.map((each) => [each.bound, each]));
  const next = (each: Waiting): readonly Waiting[] =>
    each.waits.flatMap((wait) => wait.providers).flatMap((provider) => byBound.get(provider) ?? []);
  const found = new Map<string, readonly Waiting[]>();
  for (const start of starts(stuck)) {
    if (found.size >= MAX_CYCLES) break;
    const cycle = shortestCycle(start, next);
    if (cycle === undefined) continue;
    const turned = turn(cycle);
    const key = turned.map((each) => each.bound.role.name).join("\n");
    if (!found.has(key)) found.set(key, turned);
  }
  return [...found.keys()].toSorted().flatMap((key) => {
    const cycle = found.get(key);
    return cycle === undefined ? [] : [explain(cycle)];
  });
}

/** One node-role of each role first, so that every role gets its search; then the others. */
function starts(stuck: readonly Waiting[]): readonly Waiting[] {
  const roles = new Set<string>();
  const first: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const each of stuck) {
    (roles.has(each.bound.role.name) ? rest : first).push(each);
    roles.add(each.bound.role.name);
  }
  return [...first, ...rest].slice(0, MAX_STARTS);
}

/** Breadth-first from `start` back to it. */
function shortestCycle(start: Waiting, next: (each: Waiting) => readonly Waiting[]): readonly Waiting[] | undefined {
  const cameFrom = new Map<Waiting, Waiting>();
  const queue = [start];
  for (let at = 0, steps = 0; at < queue.length && steps < MAX_STEPS; at += 1) {
    const each = queue[at];
    if (each === undefined) break;
    for (const follower of next(each)) {
      steps += 1;
      if (follower === start) return pathTo(each, start, cameFrom);
      if (cameFrom.has(follower)) continue;
      cameFrom.set(follower, each);
      queue.push(follower);
    }
  }
  return undefined;
}

function pathTo(end: Waiting, start: Waiting, cameFrom: ReadonlyMap<Waiting, Waiting>): readonly Waiting[] {
  const path = [end];
  for (let each = end; each !== start; ) {
    const previous = cameFrom.get(each);
    if (previous === undefined) break;
    path.unshift(previous);
    each = previous;
  }
  return path;
}

/** The same circle from its smallest role on, so that it reads the same wherever the search began. */
function turn(cycle: readonly Waiting[]): readonly Waiting[] {
  const names = cycle.map((each) => each.bound.role.name);
  let best = 0;
  const text = (from: number): string => [...names.slice(from), ...names.slice(0, from)].join("\n");
  names.forEach((_, index) => {
    if (text(index) < text(best)) best = index;
  });
  return [...cycle.slice(best), ...cycle.slice(0, best)];
}

function explain(cycle: readonly Waiting[]): Problem {
  const [first] = cycle;
  const closed = first === undefined ? cycle : [...cycle, first];
  const path = closed.map((each) => each.bound.role.name).join(" -> ");
  const ids = closed.map((each) => each.bound.id).join(" -> ");
  const reasons = cycle.map((each, index) => reason(each, closed[index + 1] ?? each));
  return problem("CYCLE", {
    message: `roles wait for each other: ${path}`,
    at: first?.bound.role.place,
    cause: `${reasons.join("; ")} (on nodes: ${ids})`,
  });
}

function reason(from: Waiting, to: Waiting): string {
  const wait = from.waits.find((each) => each.providers.includes(to.bound));
  const name = from.bound.role.name;
  if (wait === undefined) return name;
  if (wait.why === "founder") return `${name} waits for its founder`;
  if (wait.why === "input") return `${name} takes input ${wait.name} from ${wait.providerRole}`;
  return wait.wanted === wait.providerRole
    ? `${name} requires ${wait.wanted}`
    : `${name} requires ${wait.wanted}, which ${wait.providerRole} provides`;
}
