import { join } from "node:path";
import { readFiles } from "../../src/cli/house/files.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { readAllFacts } from "../../src/core/inventory/record.ts";
import { wholeOf } from "../../src/core/jigs/script.ts";
import { compileScript } from "../../src/core/jigs/shell/compile.ts";
import { makeDraft } from "../../src/core/run/draft.ts";

/** The very scripts that an apply sends to ask what would change, by node, from a cluster folder that has seen its nodes. */
export async function compiledScripts(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { cluster, barclamps } = (await readFiles(join(folder, "cluster.yaml"), { user: "root" })).loaded;
  const store = await openStore(join(folder, ".halligan", "state.db"));
  try {
    const facts = new Map([...(await readAllFacts(store, cluster.name))].map(([node, record]) => [node, record.facts]));
    const draft = makeDraft({ cluster, barclamps, deployments: [], facts });
    const resolver = draft.resolver({});
    return new Map(
      draft.graph.nodeRoles.map((ordered) => {
        const { resolved } = resolver.resolve(ordered);
        return [ordered.bound.node.name, wholeOf(compileScript({ mode: "check", nodeRole: resolved }).script)];
      }),
    );
  } finally {
    await store.close();
  }
}

/** What a plain `ssh` runs to take such a script from its input, run it as the engine's receiver does, and print what it found. */
export const runCompiled =
  'exec /bin/sh -c "export HG_JOB=/run/halligan-none HG_VOLATILE=/run/halligan-none HG_STATE=/var/lib/halligan HG_CHANNEL=text; . /proc/self/fd/0"';
