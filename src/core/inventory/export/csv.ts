import type { ClusterNode } from "../../model/cluster.ts";
import { csvLine, joinList } from "../import/csv-text.ts";
import { type Exported, jumpText, leftOf } from "./exported.ts";

/** A table: one row per node, one column per label (`label:NAME`). An empty label cannot be told from none. */
export function exportCsv(nodes: readonly ClusterNode[]): Exported {
  const labels = [...new Set(nodes.flatMap((node) => Object.keys(node.labels)))].toSorted();
  const empty = nodes.filter((node) => Object.values(node.labels).includes("")).length;
  const notes = [
    ...(empty === 0 ? [] : [`Not exported: labels with an empty value (${empty === 1 ? "1 node" : `${empty} nodes`}).`]),
    ...leftOf(nodes),
  ];
  const rows = nodes.map(({ name, address, ssh, labels: own }) =>
    csvLine([
      name,
      address,
      String(ssh.port),
      ssh.user,
      joinList(ssh.keys),
      jumpText(ssh),
      ssh.become,
      ...labels.map((label) => (Object.hasOwn(own, label) ? (own[label] ?? "") : "")),
    ]),
  );
  const head = csvLine(["name", "address", "port", "user", "key", "jump", "become", ...labels.map((label) => `label:${label}`)]);
  return { text: `${[head, ...rows].join("\n")}\n`, notes };
}
