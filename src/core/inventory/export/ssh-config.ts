import type { ClusterNode } from "../../model/cluster.ts";
import { type Exported, jumpText, leftOf, sshQuoted, sshWord } from "./exported.ts";

/** A file for `~/.ssh/config`: one Host per node. It cannot hold labels and how to become root. */
export function exportSshConfig(cluster: string, nodes: readonly ClusterNode[]): Exported {
  const count = (number: number): string => (number === 1 ? "1 node" : `${number} nodes`);
  const labelled = nodes.filter((node) => Object.keys(node.labels).length > 0).length;
  const raised = nodes.filter((node) => node.ssh.become === "sudo").length;
  const notes = [
    ...(labelled === 0 ? [] : [`Not exported: labels (${count(labelled)}).`]),
    ...(raised === 0 ? [] : [`Not exported: \`become: sudo\` (${count(raised)}).`]),
    ...leftOf(nodes),
  ];
  const lines = [`# Cluster ${cluster}, exported by halligan.`, ...notes.map((note) => `# ${note}`)];
  for (const { name, address, ssh } of nodes) {
    const jump = jumpText(ssh);
    lines.push("", `Host ${name}`, `  HostName ${sshWord(address)}`, `  User ${sshQuoted(ssh.user)}`);
    if (ssh.port !== 22) lines.push(`  Port ${ssh.port}`);
    for (const key of ssh.keys) lines.push(`  IdentityFile ${sshWord(key)}`);
    if (ssh.keys.length > 0) lines.push("  IdentitiesOnly yes");
    if (jump !== "") lines.push(`  ProxyJump ${sshWord(jump)}`);
  }
  return { text: `${lines.join("\n")}\n`, notes };
}
