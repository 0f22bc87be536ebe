import { resolve } from "node:path";
import type { CheckedCluster } from "../../core/commands/local.ts";
import { HalliganError } from "../../core/errors.ts";
import { makeDraft } from "../../core/run/draft.ts";
import { readFiles } from "../house/files.ts";

/** Checks a cluster file and its barclamps; what is wrong comes as problems. */
export async function checkCluster(file: string, user: string): Promise<CheckedCluster> {
  const path = resolve(file);
  try {
    const { cluster, barclamps, notices = [] } = (await readFiles(path, { user })).loaded;
    // Circles, and providers that are missing or not the only ones, are told here too, not only by the first plan.
    const { problems } = makeDraft({ cluster, barclamps, deployments: [], facts: new Map() });
    if (problems.length > 0) return { file: path, problems, notices };
    return {
      file: path,
      problems: [],
      notices,
      counts: { nodes: cluster.nodes.length, deployments: cluster.deployments.length, barclamps: barclamps.size },
    };
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return { file: path, problems: error.problems, notices: [] };
  }
}
