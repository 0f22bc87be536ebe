import type { PlanOptions } from "../../core/house.ts";
import type { Cluster, ClusterNode } from "../../core/model/cluster.ts";
import { matchSelector } from "../../core/model/selector.ts";

/**
 * Nodes that a plan asks in any case and connects to directly, by what the cluster file alone says: it is known before anything is resolved. Placements that
 * choose among nodes and plans with bounds name none.
 */
export function surelyAsked(
  { nodes, deployments, workers }: Cluster,
  wanted: Pick<PlanOptions, "deployments" | "limit">,
): readonly ClusterNode[] {
  if (wanted.limit !== undefined || workers !== undefined) return [];
  const placements = deployments
    .filter(({ name }) => wanted.deployments.length === 0 || wanted.deployments.includes(name))
    .flatMap(({ place }) => place.filter(({ count, avoid }) => count === undefined && avoid.length === 0));
  return nodes.filter(
    (node) =>
      node.ssh.transport === "ssh2" && node.ssh.jump.length === 0 && placements.some((placement) => matchSelector(placement.on, node)),
  );
}
