import type { ClusterNode } from "../../model/cluster.ts";
import { jumpText, sshWord } from "./exported.ts";

/** The variables by which Ansible reaches a node, in the order in which they are written. */
export function connectionVariables(node: ClusterNode): readonly (readonly [string, string | number | boolean])[] {
  const { ssh } = node;
  const [key, ...others] = ssh.keys;
  const jump = jumpText(ssh);
  const extra = [
    ...others.map((each) => `-o ${shellWord(`IdentityFile=${sshWord(each)}`)}`),
    ...(jump === "" ? [] : [`-o ${shellWord(`ProxyJump=${jump}`)}`]),
  ];
  return [
    ["ansible_host", node.address],
    ...(ssh.port === 22 ? [] : [["ansible_port", ssh.port] as const]),
    ["ansible_user", ssh.user],
    ...(key === undefined ? [] : [["ansible_ssh_private_key_file", key] as const]),
    ...(extra.length === 0 ? [] : [["ansible_ssh_common_args", extra.join(" ")] as const]),
    ["ansible_become", ssh.become === "sudo"],
  ];
}

/** One word for a POSIX shell and for Python's shlex. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_./~@:=,%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
