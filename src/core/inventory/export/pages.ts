import type { ClusterNode } from "../../model/cluster.ts";
import type { Facts } from "../../model/facts.ts";
import { type Exported, jumpText, leftOf } from "./exported.ts";

/** Facts by node, with when they were seen (ms since 1970). */
export type KnownFacts = ReadonlyMap<string, { readonly facts: Facts; readonly at: number }>;

/** One JSON document with everything that is known of the nodes, for programs. */
export function exportJson(cluster: string, nodes: readonly ClusterNode[], known: KnownFacts): Exported {
  const rows = nodes.map((node) => {
    const seen = known.get(node.name);
    return {
      name: node.name,
      address: node.address,
      port: node.ssh.port,
      user: node.ssh.user,
      keys: node.ssh.keys,
      jump: jumpText(node.ssh) === "" ? [] : jumpText(node.ssh).split(","),
      become: node.ssh.become,
      labels: node.labels,
      seenAt: seen?.at ?? null,
      facts: seen?.facts ?? null,
    };
  });
  const document = { halligan: 1, kind: "inventory", cluster, nodes: rows };
  return { text: `${JSON.stringify(document, undefined, 2)}\n`, notes: leftOf(nodes) };
}

/** A page for people: a table of the nodes with what was last seen of them. */
export function exportMarkdown(cluster: string, nodes: readonly ClusterNode[], known: KnownFacts): Exported {
  const head = ["Node", "Address", "User", "Labels", "System", "Architecture", "CPU threads", "Memory", "Disks"];
  const rows = nodes.map((node) => {
    const facts = known.get(node.name)?.facts;
    const labels = Object.entries(node.labels).map(([label, value]) => `${label}=${value}`);
    return [
      node.name,
      node.ssh.port === 22
        ? node.address
        : node.address.includes(":")
          ? `[${node.address}]:${node.ssh.port}`
          : `${node.address}:${node.ssh.port}`,
      node.ssh.user,
      labels.join(", "),
      facts?.os?.name ?? facts?.os?.id ?? "",
      facts?.kernel?.arch ?? "",
      facts?.cpu === null || facts === undefined ? "" : String(facts.cpu.threads),
      facts?.memory === null || facts === undefined ? "" : gibibytes(facts.memory.totalBytes),
      (facts?.disks ?? []).map((disk) => `${disk.name} ${gibibytes(disk.sizeBytes)}`).join(", "),
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(" | ")} |`;
  const count = nodes.length === 1 ? "1 node" : `${nodes.length} nodes`;
  const seen = nodes.filter((node) => known.has(node.name)).length;
  const text = [
    `# ${cluster}`,
    "",
    `${count}, ${seen} of them looked at.`,
    "",
    line(head),
    `|${"---|".repeat(head.length)}`,
    ...rows.map(line),
    "",
  ].join("\n");
  return { text, notes: [] };
}

function gibibytes(bytes: number): string {
  const size = bytes / 1024 ** 3;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} GiB`;
}

/** Text of any origin in one cell, where Markdown and HTML mean nothing. */
function markdownCell(text: string): string {
  return text
    .replaceAll(/\s+/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~]/gu, "\\$&");
}
