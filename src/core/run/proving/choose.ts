import { HalliganError, type Problem, problem } from "../../errors.ts";
import { suggestion } from "../../model/suggest.ts";
import type { Proof } from "../../model/barclamp.ts";
import type { NodeRoleId } from "../../model/ids.ts";
import type { Graph, OrderedNodeRole } from "../../plan/graph.ts";

/** A proof on the node-role that is to give it. */
export interface Chosen {
  readonly ordered: OrderedNodeRole;
  readonly proof: Proof;
}

/** What is known of node-roles before any node is asked. */
export interface Standing {
  readonly active: ReadonlySet<NodeRoleId>;
  /** Nodes that could not be reached, and why. */
  readonly unreachable: ReadonlyMap<string, Problem>;
  /** Only these capabilities; empty = all. */
  readonly capabilities: readonly string[];
}

/**
 * Chooses who proves what: each node-role of the selected deployments its own, and for `once: deployment` the first one that is active and whose
 * node was reached, else the first that is active, else the first. Sorted by capability, then in the graph's order. Pure.
 */
export function chooseProofs(graph: Graph, { active, unreachable, capabilities }: Standing): readonly Chosen[] {
  const wanted = new Set(capabilities);
  const rank = ({ bound }: OrderedNodeRole): number => (active.has(bound.id) ? (unreachable.has(bound.node.name) ? 1 : 0) : 2);
  const alone = new Map<string, Chosen>();
  const all: Chosen[] = [];
  for (const ordered of graph.nodeRoles) {
    const { bound } = ordered;
    if (!bound.selected) continue;
    for (const proof of bound.role.proves) {
      if (wanted.size > 0 && !wanted.has(proof.id)) continue;
      if (proof.once === undefined) {
        all.push({ ordered, proof });
        continue;
      }
      const key = `${bound.deployment.name} ${bound.role.name} ${proof.id}`;
      const before = alone.get(key);
      if (before === undefined || rank(ordered) < rank(before.ordered)) alone.set(key, { ordered, proof });
    }
  }
  return [...all, ...alone.values()].toSorted((a, b) => (a.proof.id < b.proof.id ? -1 : a.proof.id > b.proof.id ? 1 : 0));
}

/** Every capability that roles of the cluster declare, whatever is selected. */
export function declaredCapabilities(graph: Graph): readonly string[] {
  return [...new Set(graph.nodeRoles.flatMap(({ bound }) => bound.role.proves.map((proof) => proof.id)))].toSorted();
}

/** @throws `CAPABILITY_UNKNOWN` for each that no role of the cluster declares. */
export function refuseUnknown(wanted: readonly string[], declared: readonly string[]): void {
  const [first, ...rest] = wanted
    .filter((id) => !declared.includes(id))
    .map((id) =>
      problem("CAPABILITY_UNKNOWN", {
        message: `No role that this cluster places declares the capability ${id}.`,
        hint: declared.length === 0 ? "None of its roles declares any (`proves` in barclamp.yaml)." : suggestion(id, declared),
      }),
    );
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}
