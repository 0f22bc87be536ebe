import type { LabDocument } from "../../core/commands/lab-up.ts";
import { type Screen, table } from "../screen.ts";

/** The lab's nodes and what to do with them. */
export function labView({ lab }: LabDocument, screen: Screen): readonly string[] {
  if (lab === null) return ["There is no lab in this folder. `halligan lab up` brings one up."];
  const up = lab.nodes.filter((node) => node.state === "up").length;
  const rows = table(
    screen,
    [
      { title: "NODE", cell: (node) => node.name },
      { title: "ADDRESS", cell: (node) => `${node.address}:${node.port}` },
      { title: "STATE", cell: (node) => node.state, paint: (node) => (node.state === "up" ? screen.green : screen.yellow) },
    ],
    lab.nodes,
  );
  return [`Lab ${lab.clusterName} (${lab.driver}): ${up} of ${lab.nodes.length} nodes are up.`, ...rows, "", ...next(lab, up)];
}

function next(lab: NonNullable<LabDocument["lab"]>, up: number): readonly string[] {
  if (up === 0)
    return [lab.keepsFiles ? "`halligan lab up` starts it again, with its files." : "`halligan lab up` starts it again, with fresh files."];
  if (up < lab.nodes.length) return ["Some nodes are down: `halligan lab up` starts them again."];
  if (lab.cluster === "other") return [`${lab.clusterFile} describes other nodes and was left alone.`];
  return [`Cluster file: ${lab.clusterFile}`, "Now: halligan discover, then halligan plan."];
}
