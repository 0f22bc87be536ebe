import { Document, Pair, Scalar, YAMLMap } from "yaml";
import type { ClusterNode } from "../../model/cluster.ts";
import { labelGroups } from "./ansible-groups.ts";
import { connectionVariables } from "./ansible-variables.ts";
import { type Exported, leftOf } from "./exported.ts";

/** An Ansible YAML inventory: every node with its connection, then a group per label and value. */
export function exportAnsibleYaml(cluster: string, nodes: readonly ClusterNode[]): Exported {
  const notes = leftOf(nodes);
  const hosts = new Map(nodes.map((node) => [quoted(node.name), new Map(connectionVariables(node))]));
  const children = new Map(
    labelGroups(nodes).map(({ name, hosts: members, label }) => [
      name,
      new Map<string, unknown>([
        ["hosts", new Map(members.map((host) => [quoted(host), new Map()]))],
        ...(label === undefined ? [] : [["vars", new Map([["halligan_label", label]])] as const]),
      ]),
    ]),
  );
  const all = new Map<string, unknown>([["hosts", hosts], ...(children.size === 0 ? [] : [["children", children] as const])]);
  // Ansible reads YAML 1.1, in which `yes` and `0644` are no texts
  const document = new Document(yamlMap(new Map([["all", all]])), { version: "1.1", aliasDuplicateObjects: false });
  document.commentBefore = [` Cluster ${cluster}, exported by halligan.`, ...notes.map((note) => ` ${note}`)].join("\n");
  return { text: document.toString({ lineWidth: 0, blockQuote: false, directives: false }), notes };
}

/** A map in the order of its entries, whatever its keys look like. (YAML 1.1 would write a Map as `!!omap`, which Ansible does not know.) */
function yamlMap(entries: ReadonlyMap<unknown, unknown>): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of entries)
    map.items.push(new Pair(key instanceof Scalar ? key : new Scalar(key), value instanceof Map ? yamlMap(value) : new Scalar(value)));
  return map;
}

/** Names of digits alone must stay texts. */
function quoted(name: string): string | Scalar<string> {
  if (/[a-z]/u.test(name) && !/^\d+e\d+$/u.test(name)) return name;
  const scalar = new Scalar(name);
  scalar.type = "QUOTE_DOUBLE";
  return scalar;
}
