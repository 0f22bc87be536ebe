import type { ClusterNode } from "../../model/cluster.ts";

/** An Ansible group that stands for one value of one label. */
export interface LabelGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  /** `label=value` where the group's name does not say it by itself. */
  readonly label?: string;
}

/** A group per label and value: `gpu` for `gpu: true`, `tier_control` for `tier: control`. Names are unique and valid for Ansible. */
export function labelGroups(nodes: readonly ClusterNode[]): readonly LabelGroup[] {
  const members = new Map<string, { readonly label: string; readonly value: string; readonly hosts: string[] }>();
  for (const node of nodes)
    for (const [label, value] of Object.entries(node.labels)) {
      const key = JSON.stringify([label, value]);
      const entry = members.get(key) ?? { label, value, hosts: [] };
      entry.hosts.push(node.name);
      members.set(key, entry);
    }
  // a group may not be called like a host, nor like Ansible's own
  const taken = new Set(["all", "ungrouped", "_meta", "localhost", ...nodes.map((node) => node.name)]);
  const entries = [...members.values()].toSorted((a, b) => Number(isPlain(b)) - Number(isPlain(a)));
  return entries.map((entry) => {
    const { label, value, hosts } = entry;
    const wanted = isPlain(entry) ? label : `${label}_${value}`.replaceAll(/[^A-Za-z0-9_]+/gu, "_").slice(0, 80);
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    taken.add(name);
    return { name, hosts, ...(value === "true" && name === label ? {} : { label: `${label}=${value}` }) };
  });
}

function isPlain({ label, value }: { readonly label: string; readonly value: string }): boolean {
  return value === "true" && /^[A-Za-z][A-Za-z0-9_]*$/u.test(label);
}
