import type { Problem } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import { findCycles } from "./cycles.ts";
import type { BoundNodeRole, Graph, OrderedNodeRole } from "./graph.ts";
import type { Waiting } from "./order.ts";

/**
 * Gives every node-role its cohort (longest path). Lists of providers that many share are one vertex, so the work is linear in node-roles
 * and lists, not in pairs. What is in a circle, or waits for one, is left out and explained by `CYCLE` problems.
 */
export function layered(waiting: readonly Waiting[]): { readonly graph: Graph; readonly problems: readonly Problem[] } {
  const indexOf = new Map<BoundNodeRole, number>(waiting.map((each, index) => [each.bound, index]));
  const lists = new Map<
    readonly BoundNodeRole[],
    { readonly members: number; missing: number; cohort: number; readonly waiters: number[] }
  >();
  const memberOf: (readonly BoundNodeRole[])[][] = waiting.map(() => []);
  const missing = new Int32Array(waiting.length);
  const cohort = new Int32Array(waiting.length);
  waiting.forEach((each, index) => {
    for (const list of new Set(each.waits.map((wait) => wait.providers))) {
      let entry = lists.get(list);
      if (entry === undefined) {
        const members = list.flatMap((provider) => indexOf.get(provider) ?? []);
        entry = { members: members.length, missing: members.length, cohort: 0, waiters: [] };
        lists.set(list, entry);
        for (const member of members) memberOf[member]?.push(list);
      }
      if (entry.members === 0) continue;
      entry.waiters.push(index);
      missing[index] = (missing[index] ?? 0) + 1;
    }
  });
  const ready: number[] = [];
  missing.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  for (let next = 0; next < ready.length; next += 1) {
    const index = ready[next] ?? 0;
    for (const list of memberOf[index] ?? []) {
      const entry = lists.get(list);
      if (entry === undefined) continue;
      entry.missing -= 1;
      entry.cohort = Math.max(entry.cohort, (cohort[index] ?? 0) + 1);
      if (entry.missing > 0) continue;
      for (const waiter of entry.waiters) {
        cohort[waiter] = Math.max(cohort[waiter] ?? 0, entry.cohort);
        missing[waiter] = (missing[waiter] ?? 0) - 1;
        if (missing[waiter] === 0) ready.push(waiter);
      }
    }
  }
  const done = new Set(ready);
  const stuck = waiting.filter((_, index) => !done.has(index));
  return { graph: graphOf(waiting, cohort, done), problems: findCycles(stuck) };
}

/** `waiting` is sorted by node and role, so a stable sort by cohort gives the full order. */
function graphOf(waiting: readonly Waiting[], cohort: Int32Array, done: ReadonlySet<number>): Graph {
  const nodeRoles: OrderedNodeRole[] = waiting
    .map((each, index) => ({ index, nodeRole: { ...each, cohort: cohort[index] ?? 0 } }))
    .filter((each) => done.has(each.index))
    .map((each) => each.nodeRole)
    .toSorted((a, b) => a.cohort - b.cohort);
  const ranked = waiting.filter((_, index) => done.has(index)).map((each) => each.bound);
  return { nodeRoles, ranked, byId: new Map<NodeRoleId, OrderedNodeRole>(nodeRoles.map((each) => [each.bound.id, each])) };
}

/** The graph of what was asked for alone, with cohorts counted anew. Providers outside of it are no longer waited for. */
export function selectedGraph(graph: Graph): Graph {
  if (graph.ranked.every((each) => each.selected)) return graph;
  const wanted = graph.ranked.flatMap((each) => (each.selected ? (graph.byId.get(each.id) ?? []) : []));
  return layered(wanted).graph;
}

/** The graph without some node-roles, as if the files did not place them. The others stay where they are. */
export function withoutNodeRoles(graph: Graph, away: ReadonlySet<NodeRoleId>): Graph {
  if (away.size === 0) return graph;
  const stays = (each: OrderedNodeRole): boolean => !away.has(each.bound.id);
  return {
    nodeRoles: graph.nodeRoles.filter(stays),
    byId: new Map([...graph.byId].filter(([, each]) => stays(each))),
    ranked: graph.ranked.filter((each) => !away.has(each.id)),
  };
}

/** Everything that some node-roles wait for, at any distance, themselves included. */
export function withProviders(graph: Graph, ids: Iterable<NodeRoleId>): ReadonlySet<NodeRoleId> {
  const reached = new Set<NodeRoleId>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const wait of graph.byId.get(id)?.waits ?? []) for (const provider of wait.providers) open.push(provider.id);
  }
  return reached;
}
