import type { Judge } from "../../authority/gate.ts";
import { problem } from "../../errors.ts";
import type { ClusterNode } from "../../model/cluster.ts";
import type { Store } from "../../ports.ts";
import { siteOf } from "./places.ts";
import { isUsable, readWorkers } from "./presence.ts";

/** Holds node-roles on nodes of sites that only workers may touch (`only`) while there is no worker for the site. */
export function createWorkerJudge(
  store: Pick<Store, "list" | "holder">,
  nodes: readonly ClusterNode[],
  only: readonly string[],
  version: string,
): Judge {
  const sites = new Map(nodes.map((node) => [node.name, siteOf(node)]));
  return async ({ phase, starting = [] }) => {
    if (only.length === 0 || phase !== "batch") return [];
    const wanted = new Map<string, string>();
    for (const id of starting) {
      const site = sites.get(id.slice(0, id.indexOf("/")));
      if (site !== undefined && only.includes(site) && !wanted.has(site)) wanted.set(site, id);
    }
    if (wanted.size === 0) return [];
    const workers = await readWorkers(store);
    return [...wanted].flatMap(([site, id]) => {
      if (workers.some((each) => isUsable(each, site, version))) return [];
      const others = workers.filter((each) => each.alive && each.site === site);
      const why = others.length === 0 ? "" : ` ${others.map((each) => `${each.name} ${whyNot(each)}`).join("; ")}.`;
      const message = `${id} waits for a worker of site ${site}: none takes jobs of Halligan ${version}.${why}`;
      return [{ kind: "worker" as const, problem: problem("WORKER_MISSING", { message }), final: false }];
    });
  };
}

function whyNot({ version, draining, problem: trouble }: Awaited<ReturnType<typeof readWorkers>>[number]): string {
  if (trouble !== null) return `takes none: ${trouble.code}`;
  return draining ? "is ending" : `is of version ${version}`;
}
