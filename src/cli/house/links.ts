import { fail } from "../../core/errors.ts";
import type { Connector } from "../../core/adapters/ssh/connector.ts";
import type { ClusterNode } from "../../core/model/cluster.ts";
import type { NodeLink } from "../../core/run/remote/node-link.ts";
import type { Targets } from "./targets.ts";

/** Gives links to nodes by name. */
export type Links = (node: string, signal: AbortSignal) => Promise<NodeLink>;

/** Links to the nodes of one cluster, over one connection each. */
export function createLinks(nodes: readonly ClusterNode[], targets: Targets, connector: Connector): Links {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return async (name, signal) => {
    const node = byName.get(name);
    if (node === undefined) throw fail("NODE_UNKNOWN", { message: `There is no node ${name} in the cluster file.`, at: { node: name } });
    const [target, become] = await Promise.all([targets.target(node), targets.become(node)]);
    return { node: name, connection: await connector.connection(target, signal), become };
  };
}
