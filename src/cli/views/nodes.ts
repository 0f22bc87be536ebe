import type { NodeRow, NodesDocument } from "../../core/commands/nodes.ts";
import { type Column, type Screen, table } from "../screen.ts";
import { bytesText } from "./quantities.ts";

/** Nodes, one per line. */
export function nodesView(document: NodesDocument, screen: Screen): readonly string[] {
  if (document.nodes.length === 0) return [`Cluster ${document.cluster} has no nodes yet: put them under \`nodes\` in the cluster file.`];
  const columns: readonly Column<NodeRow>[] = [
    { title: "NODE", cell: (node) => node.name },
    { title: "ADDRESS", cell: (node) => (node.port === 22 ? node.address : `${node.address}:${node.port}`) },
    { title: "LABELS", cell: (node) => labels(node), flexible: true },
    { title: "OS", cell: (node) => node.seen?.os ?? "-" },
    { title: "CPU", cell: (node) => String(node.seen?.threads ?? "-"), align: "right" },
    { title: "MEMORY", cell: (node) => bytesText(node.seen?.memoryBytes ?? null), align: "right" },
    { title: "INIT", cell: (node) => node.seen?.init ?? "-" },
  ];
  const unseen = document.nodes.filter((node) => node.seen === null).length;
  return [
    ...table(screen, columns, document.nodes),
    ...(unseen === 0 ? [] : ["", `${unseen} of ${document.nodes.length} were never looked at: halligan discover`]),
  ];
}

function labels(node: NodeRow): string {
  return Object.entries(node.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
