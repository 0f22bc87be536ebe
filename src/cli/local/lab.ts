import { labDown, labStatus, labUp } from "../../core/adapters/lab/lab.ts";
import type { LabFact, LabStatus } from "../../core/adapters/lab/types.ts";
import type { LabProgress, LabView, LabWish } from "../../core/commands/local.ts";

/** Brings the lab of a folder up. @throws the lab's problems. */
export async function bringUp(folder: string, wish: LabWish, progress: LabProgress): Promise<LabView> {
  return view(
    await labUp({
      folder,
      nodes: wish.nodes,
      driver: wish.driver,
      clusterName: wish.name,
      providerNetwork: wish.providerNetwork,
      ...(wish.layer === undefined ? {} : { layer: wish.layer }),
      onProgress: counted("lab up", wish.nodes, progress),
    }),
  );
}

/** Takes the lab of a folder down; `undefined` = there is none. */
export async function takeDown(folder: string, discard: boolean, progress: LabProgress): Promise<LabView | undefined> {
  const before = await labStatus({ folder });
  const up = before?.nodes.filter((node) => node.state === "up").length ?? 0;
  const status = await labDown({ folder, discard, onProgress: counted("lab down", up, progress) });
  return status === undefined ? undefined : { ...view(status), keepsFiles: status.keepsFiles && !discard };
}

/** The lab of a folder as it is now. */
export async function lookAt(folder: string): Promise<LabView | undefined> {
  const status = await labStatus({ folder });
  return status === undefined ? undefined : view(status);
}

function counted(what: string, total: number, progress: LabProgress): (fact: LabFact) => void {
  let done = 0;
  return (fact) => {
    switch (fact.type) {
      case "lab.node.up":
      case "lab.node.down":
        done += 1;
        progress(what, done, total, fact.node);
        return;
      case "lab.packages.installing":
        progress(what, done, total, `installing ${fact.packages.join(" ")}`);
        return;
      case "lab.base.building":
        progress(what, done, total, `building ${fact.suite} in ${fact.directory}`);
        return;
      case "lab.base.ready":
      case "lab.starting":
      case "lab.up":
      case "lab.down":
        return;
      default:
        fact satisfies never;
    }
  };
}

/** Without process ids and key paths, which are of no interest outside. */
function view({ driver, clusterName, state, nodes, clusterFile, cluster, keepsFiles, notices }: LabStatus): LabView {
  return { driver, clusterName, state, nodes: nodes.map(({ pid: _pid, ...node }) => node), clusterFile, cluster, keepsFiles, notices };
}
