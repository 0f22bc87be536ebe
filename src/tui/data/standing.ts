import type { AppliedRecord } from "../../core/run/applied.ts";
import type { ClusterNode } from "../../core/model/cluster.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { Plan } from "../../core/model/plan.ts";
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

/** Standings of all node-roles, by node. */
export function standingsByNode(applied: readonly AppliedRecord[], run: RunView | undefined): ReadonlyMap<string, readonly Standing[]> {
  const all = new Map<string, Standing>();
  for (const { id, deployment, run: from, at } of applied) all.set(id, { ...split(id), id, deployment, state: "active", run: from, at });
  for (const [id, each] of run?.state.nodeRoles ?? []) {
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
  const byNode = new Map<string, Standing[]>();
  for (const each of all.values()) {
    const of = byNode.get(each.node);
    if (of === undefined) byNode.set(each.node, [each]);
    else of.push(each);
  }
  for (const of of byNode.values()) of.sort((a, b) => (a.role < b.role ? -1 : 1));
  return byNode;
}

function split(id: string): { readonly node: string; readonly role: string } {
  const at = id.indexOf("/");
  return { node: id.slice(0, at), role: id.slice(at + 1) };
}

/** Node-roles of a plan that a run of it has made active: nothing differs there any more. */
export function carriedOut(plan: Plan | undefined, applied: readonly AppliedRecord[]): ReadonlySet<string> {
  return new Set(applied.filter((each) => each.plan === plan?.id).map(({ id }) => id));
}

/** What a plan says about each node, as far as it has not been carried out. */
export interface PlannedOn {
  readonly differs: ReadonlyMap<string, number>;
  readonly blocked: ReadonlyMap<string, Problem>;
}

/** What a plan would still change, by node. */
export function plannedByNode(plan: Plan | undefined, applied: readonly AppliedRecord[]): PlannedOn {
  const done = carriedOut(plan, applied);
  const differs = new Map<string, number>();
  const blocked = new Map<string, Problem>();
  for (const each of plan?.body.nodeRoles ?? []) {
    const changes = each.action === "remove" ? Math.max(1, each.steps.length) : each.steps.filter(({ change }) => change !== "none").length;
    differs.set(each.node, (differs.get(each.node) ?? 0) + (each.action === "skip" || done.has(each.id) ? 0 : changes));
    if (each.blocked !== undefined) blocked.set(each.node, each.blocked);
  }
  return { differs, blocked };
}

/** All nodes of the cluster file, in its order. */
export function nodeViews(
  nodes: readonly ClusterNode[],
  facts: ReadonlyMap<string, { readonly facts: Facts; readonly at: number }> | undefined,
  standings: ReadonlyMap<string, readonly Standing[]>,
  { differs, blocked }: PlannedOn,
): readonly NodeView[] {
  return nodes.map((node): NodeView => {
    const of = standings.get(node.name) ?? [];
    const seen = facts?.get(node.name);
    return {
      node,
      facts: seen?.facts,
      seenAt: seen?.at,
      standings: of,
      state: stateOf(of),
      differs: differs.get(node.name),
      blocked: blocked.get(node.name),
    };
  });
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
