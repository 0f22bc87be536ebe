import { fail } from "../../core/errors.ts";
import type { House, LoadedCluster } from "../../core/house.ts";
import { execute } from "../../core/run/exec/execute.ts";
import type { NamedSecret } from "../../core/run/redactor.ts";
import { systemClock } from "./clock.ts";
import type { Links } from "./links.ts";

/** What running commands on nodes needs of the house. */
export interface ExecDeskOptions {
  load(): Promise<LoadedCluster>;
  linksOf(loaded: LoadedCluster): Links;
  /** Every secret that a command could print. */
  secrets(): Promise<readonly NamedSecret[]>;
}

/** Runs commands on the nodes of a cluster (`House.execute`). */
export function createExecDesk({ load, linksOf, secrets }: ExecDeskOptions): House["execute"] {
  return async (options) => {
    const loaded = await load();
    const links = linksOf(loaded);
    const users = new Map(loaded.cluster.nodes.map((node) => [node.name, node.ssh.user]));
    const link = async (node: string, signal: AbortSignal): ReturnType<Parameters<typeof execute>[0]["link"]> => {
      const user = users.get(node);
      if (user === undefined) throw fail("NODE_UNKNOWN", { message: `There is no node ${node} in the cluster file.`, at: { node } });
      return { ...(await links(node, signal)), user };
    };
    return await execute({ link, secrets: await secrets(), clock: systemClock }, options);
  };
}
