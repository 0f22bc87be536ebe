import type { ClusterNode } from "../../model/cluster.ts";
import { labelGroups } from "./ansible-groups.ts";
import { connectionVariables } from "./ansible-variables.ts";
import { type Exported, leftOf } from "./exported.ts";

/** An Ansible INI inventory: every node with its connection, then a group per label and value. */
export function exportAnsibleIni(cluster: string, nodes: readonly ClusterNode[]): Exported {
  const notes = leftOf(nodes);
  const lines = [`# Cluster ${cluster}, exported by halligan.`, ...notes.map((note) => `# ${note}`), "[all]"];
  for (const node of nodes)
    lines.push([node.name, ...connectionVariables(node).map(([name, value]) => `${name}=${iniWord(value)}`)].join(" "));
  for (const { name, hosts, label } of labelGroups(nodes)) {
    lines.push("", `[${name}]`, ...hosts);
    if (label !== undefined) lines.push("", `[${name}:vars]`, `halligan_label=${pythonLiteral(label)}`);
  }
  return { text: `${lines.join("\n")}\n`, notes };
}

/** A value behind `key=` on a host's line: Python's shlex takes it apart, then it is read as a Python literal. */
function iniWord(value: string | number | boolean): string {
  if (typeof value !== "string") return typeof value === "boolean" ? (value ? "true" : "false") : String(value);
  if (/^[A-Za-z~/][A-Za-z0-9_./@:~-]*$/u.test(value) && !/^(True|False|None)$/u.test(value)) return value;
  return /^\d{1,3}(\.\d{1,3}){3}$/u.test(value) ? value : `'${pythonLiteral(value).replaceAll("'", "\\x27")}'`;
}

/** A text as a Python literal of plain ASCII. */
function pythonLiteral(text: string): string {
  return JSON.stringify(text).replaceAll(/[^\u0020-\u007e]/gu, (sign) => {
    const code = (sign.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}
