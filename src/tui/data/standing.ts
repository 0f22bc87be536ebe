import type { Standing as StandingRecord } from "../../core/run/applied.ts";
import type { ClusterNode } from "../../core/model/cluster.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import type { Plan, PlannedNodeRole } from "../../core/model/plan.ts";
import type { Problem } from "../../core/errors.ts";
import type { NodeRoleState } from "../../core/journal/events.ts";
import type { RunView } from "./run-view.ts";

/** Where one node-role stands: what is active, overlaid with what the newest run says otherwise. */
export interface Standing {
  readonly id: string;
  readonly node: string;
  readonly role: string;
  readonly deployment: string;
  readonly state: NodeRoleState;
  readonly run: string;
  readonly at: number;
  readonly problem?: Problem;
  readonly step?: string;
}

/** One node with everything that is known of it. */
export interface NodeView {
  readonly node: ClusterNode;
  readonly facts: Facts | undefined;
  readonly seenAt: number | undefined;
  readonly standings: readonly Standing[];
  readonly state: NodeState;
  /** Steps that the newest plan would change here; `undefined` = no plan that knows the node. */
  readonly differs: number | undefined;
  /** Why the newest plan could not look at it. */
  readonly blocked: Problem | undefined;
}

/** A node's state, derived from its node-roles. */
export type NodeState = "ok" | "running" | "failed" | "unknown" | "blocked" | "new";

/** What node states are made of; all but `run` is new data whenever something of it has changed. */
export interface NodeSources {
  readonly nodes: readonly ClusterNode[];
  readonly facts: ReadonlyMap<string, { readonly facts: Facts; readonly at: number }> | undefined;
  readonly applied: readonly StandingRecord[];
  readonly plan: Plan | undefined;
  /** Its maps are updated in place; `moved` tells where. */
  readonly run: RunView | undefined;
}

/** The data of one node, found without looking through that of all others. */
interface NodeIndex {
  readonly applied: ReadonlyMap<string, readonly StandingRecord[]>;
  readonly planned: ReadonlyMap<string, readonly PlannedNodeRole[]>;
  readonly inRun: ReadonlyMap<string, readonly NodeRoleId[]>;
}

/** All nodes of the cluster file, in its order, kept up with a run node by node: of 1,000 nodes only those that moved are looked at again. */
export function createNodeBook(): (sources: NodeSources) => readonly NodeView[] {
  let before: NodeSources | undefined;
  let index: NodeIndex = { applied: new Map(), planned: new Map(), inRun: new Map() };
  let places: ReadonlyMap<string, number> = new Map();
  let views: readonly NodeView[] = [];
  let read = 0;
  return (sources) => {
    const { nodes, facts, applied, plan, run } = sources;
    const same =
      before?.nodes === nodes &&
      before.facts === facts &&
      before.applied === applied &&
      before.plan === plan &&
      before.run?.moved === run?.moved;
    before = sources;
    if (!same) {
      index = {
        applied: Map.groupBy(applied, ({ id }) => nodeOf(id)),
        planned: Map.groupBy(plan?.body.nodeRoles ?? [], ({ node }) => node),
        inRun: Map.groupBy(run?.state.nodeRoles.keys() ?? [], nodeOf),
      };
      places = new Map(nodes.map(({ name }, at) => [name, at]));
      views = nodes.map((node) => nodeView(node, sources, index));
    } else if (run !== undefined && run.moved.length > read) {
      const moved = new Set(run.moved.slice(read).map(nodeOf));
      const next = [...views];
      for (const name of moved) {
        const at = places.get(name) ?? -1;
        const node = nodes[at];
        if (node !== undefined) next[at] = nodeView(node, sources, index);
      }
      views = next;
    }
    read = run?.moved.length ?? 0;
    return views;
  };
}

function nodeView(node: ClusterNode, { facts, plan, run }: NodeSources, index: NodeIndex): NodeView {
  const { name } = node;
  const applied = index.applied.get(name) ?? [];
  const planned = index.planned.get(name) ?? [];
  const standings = standingsOf(applied, index.inRun.get(name) ?? [], run);
  const done = carriedOut(plan, applied, run);
  const seen = facts?.get(name);
  return {
    node,
    facts: seen?.facts,
    seenAt: seen?.at,
    standings,
    state: stateOf(standings),
    differs: planned.length === 0 ? undefined : planned.reduce((sum, each) => sum + (done(each.id) ? 0 : changesOf(each)), 0),
    blocked: planned.findLast(({ blocked }) => blocked !== undefined)?.blocked,
  };
}

function changesOf({ action, steps }: PlannedNodeRole): number {
  if (action === "skip") return 0;
  return action === "remove" ? Math.max(1, steps.length) : steps.filter(({ change }) => change !== "none").length;
}

/** Standings of the node-roles of one node, by role. */
function standingsOf(applied: readonly StandingRecord[], inRun: readonly NodeRoleId[], run: RunView | undefined): readonly Standing[] {
  const all = new Map<string, Standing>();
  for (const { id, deployment, run: from, at } of applied) all.set(id, { ...split(id), id, deployment, state: "active", run: from, at });
  for (const id of inRun) {
    const each = run?.state.nodeRoles.get(id);
    if (each === undefined) continue;
    if (each.state === "retired") {
      all.delete(id);
      continue;
    }
    const before = all.get(id);
    if (each.state === "active" && before !== undefined) continue;
    // Something else went wrong before it was touched, so what stands there still stands.
    if (before !== undefined && (each.state === "blocked" || each.state === "waiting" || each.state === "todo")) continue;
    all.set(id, {
      ...split(id),
      id,
      deployment: each.planned.deployment,
      state: each.state,
      run: run?.state.run ?? "",
      at: each.since,
      ...(each.problem === undefined ? {} : { problem: each.problem }),
      ...(each.step === undefined ? {} : { step: each.step }),
    });
  }
  return [...all.values()].toSorted((a, b) => (a.role < b.role ? -1 : 1));
}

function split(id: string): { readonly node: string; readonly role: string } {
  const node = nodeOf(id);
  return { node, role: id.slice(node.length + 1) };
}

function nodeOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

/** Tells which node-roles of a plan a run of it has carried out: nothing differs there any more. */
export function carriedOut(
  plan: Plan | undefined,
  applied: readonly StandingRecord[],
  run: RunView | undefined,
): (id: NodeRoleId) => boolean {
  const done = new Set(applied.filter((each) => each.plan === plan?.id).map(({ id }) => id));
  return (id) => {
    if (done.has(id)) return true;
    if (plan === undefined || run?.state.plan !== plan.id) return false;
    const each = run.state.nodeRoles.get(id);
    return each?.attempt !== undefined && each.attempt > 0 && (each.state === "active" || each.state === "retired");
  };
}

function stateOf(of: readonly Standing[]): NodeState {
  const has = (state: NodeRoleState): boolean => of.some((each) => each.state === state);
  if (has("error")) return "failed";
  if (has("unknown")) return "unknown";
  if (has("transition") || has("todo") || has("waiting")) return "running";
  if (has("blocked")) return "blocked";
  return of.length === 0 ? "new" : "ok";
}

/** Worst first: what somebody has to look at. */
export const stateOrder: readonly NodeState[] = ["failed", "unknown", "blocked", "running", "ok", "new"];
