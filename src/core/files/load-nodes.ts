import { type Problem, problem } from "../errors.ts";
import { isAddress } from "../model/attributes.ts";
import type { ClusterNode, SshSettings } from "../model/cluster.ts";
import type { ClusterFile } from "../model/cluster-file.ts";
import { nameSchema } from "../model/ids.ts";
import { expandBeside, expandRanges, maxExpansion } from "../model/range.ts";
import { overrideSsh } from "./load-ssh.ts";
import { plainSettings } from "./plain-settings.ts";
import type { YamlPath, YamlTree } from "./yaml-tree.ts";

type NodeFile = ClusterFile["nodes"][string];

/** Nodes with ranges expanded, in the order of the file, and which names each key of `nodes` stands for. */
export interface ExpandedNodes {
  readonly nodes: readonly ClusterNode[];
  readonly origins: ReadonlyMap<string, readonly string[]>;
}

/** Expands `ctl-[1-3]: { address: 10.0.0.1[1-3] }` to three nodes. Problems: `RANGE_INVALID`, `VALUE_INVALID`, `NODE_TWICE`. */
export function expandNodes(files: ClusterFile["nodes"], ssh: SshSettings, tree: YamlTree, problems: Problem[]): ExpandedNodes {
  const nodes: ClusterNode[] = [];
  const origins = new Map<string, readonly string[]>();
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const [key, file] of Object.entries(files)) {
    const group = expandOne(key, file, ssh, tree, problems);
    origins.set(
      key,
      group.map((node) => node.name),
    );
    const at = tree.keyPlace(["nodes", key]);
    if (nodes.length + group.length > maxExpansion) {
      problems.push(problem("RANGE_INVALID", { message: `The cluster would have more than ${maxExpansion} nodes.`, at }));
      break;
    }
    for (const node of group) {
      const other = names.get(node.name);
      if (other !== undefined)
        problems.push(problem("NODE_TWICE", { message: `Node ${node.name} of \`${key}\` is also one of \`${other}\`.`, at }));
      names.set(node.name, key);
      if (node.address === "") continue;
      const endpoint = `${node.address.toLowerCase()} port ${node.ssh.port}`;
      const neighbour = addresses.get(endpoint);
      if (neighbour !== undefined && other === undefined)
        problems.push(
          problem("NODE_TWICE", {
            message: `Nodes ${neighbour} and ${node.name} have the same address ${endpoint}.`,
            at: tree.valuePlace(["nodes", key, "address"]),
          }),
        );
      addresses.set(endpoint, node.name);
    }
    nodes.push(...group);
  }
  return { nodes, origins };
}

function expandOne(key: string, file: NodeFile, ssh: SshSettings, tree: YamlTree, problems: Problem[]): readonly ClusterNode[] {
  const path = ["nodes", key];
  const names = expandRanges(key);
  if (!names.ok) {
    problems.push(problem("RANGE_INVALID", { message: `The name \`${key}\` ${names.message}.`, at: tree.keyPlace(path) }));
    return [];
  }
  const wrongName = names.values.find((name) => !nameSchema.safeParse(name).success);
  if (wrongName !== undefined) {
    const message = `\`${wrongName}\` is not a name: lower-case letters, digits and inner '-', at most 63 characters.`;
    problems.push(problem("VALUE_INVALID", { message, at: tree.keyPlace(path) }));
    return [];
  }
  const beside = (text: string, where: YamlPath): readonly string[] => {
    const expanded = expandBeside(text, names.lengths);
    if (expanded.ok) return expanded.values;
    problems.push(problem("RANGE_INVALID", { message: `\`${text}\` ${expanded.message}.`, at: tree.insidePlace(where, expanded.offset) }));
    return [];
  };
  const addresses = beside(file.address, [...path, "address"]);
  const wrongAddress = addresses.find((address) => !isAddress(address));
  if (wrongAddress !== undefined)
    problems.push(
      problem("VALUE_INVALID", {
        message: `\`${wrongAddress}\` is not an IP address or a host name.`,
        at: tree.valuePlace([...path, "address"]),
      }),
    );
  const labels = Object.entries(file.labels ?? {}).map(([label, value]) => ({
    label,
    values: beside(String(value), [...path, "labels", label]),
  }));
  const own = file.ssh === undefined ? ssh : overrideSsh(ssh, file.ssh, [...path, "ssh"], tree, problems);
  const nodeSsh = file.port === undefined ? own : { ...own, port: file.port };
  return names.values.map((name, index) => ({
    name,
    address: addresses[index] ?? "",
    labels: Object.fromEntries(labels.map(({ label, values }) => [label, values[index] ?? ""])),
    ssh: nodeSsh,
    set: plainSettings(file.set),
  }));
}
