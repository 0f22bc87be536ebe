import { compareNatural } from "../model/natural-order.ts";
import type { ClusterNode, Placement } from "../model/cluster.ts";

/** What became of a placement's candidates. All lists are in natural order. */
export interface Choice {
  readonly chosen: readonly ClusterNode[];
  /** Nodes that `on` selects. */
  readonly matched: number;
  /** Selected nodes that `avoid` took away. */
  readonly avoided: readonly ClusterNode[];
}

/**
 * Chooses nodes for one placement. `matching` is in natural order; `taken` holds the names of nodes that `avoid` excludes.
 * Without `count` all that remain are chosen; with it the first ones, or with `spread` one per value of the label in turn.
 */
export function choose(placement: Placement, matching: readonly ClusterNode[], taken: ReadonlySet<string>): Choice {
  const avoided = taken.size === 0 ? [] : matching.filter((node) => taken.has(node.name));
  const free = taken.size === 0 ? matching : matching.filter((node) => !taken.has(node.name));
  const { count, spread } = placement;
  if (count === undefined || count >= free.length) return { chosen: free, matched: matching.length, avoided };
  const chosen = spread === undefined ? free.slice(0, count) : spreadOver(free, spread, count);
  return { chosen, matched: matching.length, avoided };
}

/** Takes `count` nodes, one per label value in turn; values in natural order, nodes without the label last as one more value. */
function spreadOver(nodes: readonly ClusterNode[], label: string, count: number): readonly ClusterNode[] {
  const byValue = new Map<string, ClusterNode[]>();
  const without: ClusterNode[] = [];
  for (const node of nodes) {
    const value = Object.hasOwn(node.labels, label) ? node.labels[label] : undefined;
    if (value === undefined) without.push(node);
    else if (byValue.get(value)?.push(node) === undefined) byValue.set(value, [node]);
  }
  const queues = [...byValue.keys()].toSorted(compareNatural).map((value) => byValue.get(value) ?? []);
  if (without.length > 0) queues.push(without);
  const chosen = new Set<ClusterNode>();
  for (let round = 0; chosen.size < count; round += 1) {
    for (const queue of queues) {
      const node = queue[round];
      if (node !== undefined && chosen.size < count) chosen.add(node);
    }
  }
  return nodes.filter((node) => chosen.has(node));
}
