import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { type LabPaths, type LabState, writeWhole } from "./state.ts";

/** Suggests what a node of the lab is for: a load balancer first, a client last, web servers between them. */
function tierOf(index: number, count: number): "web" | "lb" | "client" {
  if (index === 0 && count > 1) return "lb";
  if (index === count - 1 && count > 2) return "client";
  return "web";
}

/** The cluster file of a lab: its nodes, how to log in, and no deployments yet. */
function clusterFileText(paths: LabPaths, lab: LabState): string {
  const port = (value: number): string => (value === 22 ? "" : `, port: ${value}`);
  const nodes = lab.nodes.map((node, index) => {
    const tier = tierOf(index, lab.nodes.length);
    return `  ${node.name}: { address: ${node.address}${port(node.port)}, labels: { tier: ${tier} } }\n`;
  });
  return [
    "halligan: 1\n",
    `cluster: ${lab.clusterName}\n`,
    `ssh: { user: root, key: ${JSON.stringify(paths.key)}, hostKeys: strict }\n`,
    "nodes:\n",
    ...nodes,
  ].join("");
}

function addressesIn(text: string): ReadonlySet<string> {
  try {
    const document: unknown = parse(text);
    if (typeof document !== "object" || document === null || !("nodes" in document)) return new Set();
    const nodes: unknown = document.nodes;
    if (typeof nodes !== "object" || nodes === null) return new Set();
    const addresses = Object.values(nodes).map((node: unknown) =>
      typeof node === "object" && node !== null && "address" in node && typeof node.address === "string" ? node.address : "",
    );
    return new Set(addresses);
  } catch {
    return new Set();
  }
}

/** What is in the place of the lab's cluster file: nothing, a file that names every node of the lab, or another one. */
export function inspectClusterFile(paths: LabPaths, lab: LabState): "missing" | "kept" | "other" {
  if (!existsSync(paths.clusterFile)) return "missing";
  const text = readFileSync(paths.clusterFile, "utf8");
  if (text === clusterFileText(paths, lab)) return "kept";
  const addresses = addressesIn(text);
  return lab.nodes.every((node) => addresses.has(node.address)) ? "kept" : "other";
}

/** Writes the cluster file unless one exists; never overwrites. */
export function ensureClusterFile(paths: LabPaths, lab: LabState): "written" | "kept" | "other" {
  const found = inspectClusterFile(paths, lab);
  if (found !== "missing") return found;
  writeWhole(paths.clusterFile, clusterFileText(paths, lab), 0o644);
  return "written";
}
