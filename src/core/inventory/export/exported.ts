import type { ClusterNode, SshSettings } from "../../model/cluster.ts";

/** An inventory in another format, and what the format cannot hold. */
export interface Exported {
  readonly text: string;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/** `user@host:port`, comma-separated, as ProxyJump takes it; empty without hops. */
export function jumpText(ssh: SshSettings): string {
  return ssh.jump.map(({ user, address, port }) => `${user}@${address.includes(":") ? `[${address}]` : address}:${port}`).join(",");
}

/** What no other format can hold, by node. Values are not repeated. */
export function leftOf(nodes: readonly ClusterNode[]): readonly string[] {
  const parts: readonly (readonly [string, (node: ClusterNode) => boolean])[] = [
    [
      "references to passwords and passphrases",
      ({ ssh }) => ssh.password !== undefined || ssh.passphrase !== undefined || ssh.becomePassword !== undefined,
    ],
    ["`agent: false`", ({ ssh }) => !ssh.agent],
    ["`transport: openssh`", ({ ssh }) => ssh.transport === "openssh"],
    ["`hostKeys: accept-new`", ({ ssh }) => ssh.hostKeys === "accept-new"],
    ["settings of single nodes (`set`)", ({ set }) => Object.keys(set).length > 0],
  ];
  return parts.flatMap(([what, has]) => {
    const count = nodes.filter(has).length;
    return count === 0 ? [] : [`Not exported: ${what} (${count === 1 ? "1 node" : `${count} nodes`}).`];
  });
}

/** An argument of ssh_config in which ssh replaces tokens: percent signs are doubled. */
export function sshWord(text: string): string {
  return sshQuoted(text.replaceAll("%", "%%"));
}

/** An argument of ssh_config, quoted where a space, quote, backslash, `=` or `#` would be read otherwise. */
export function sshQuoted(text: string): string {
  const line = text.replaceAll(/[\r\n]+/gu, " ");
  return /[\s"'\\#=]/u.test(line) ? `"${line.replaceAll(/["\\]/gu, "\\$&")}"` : line;
}
