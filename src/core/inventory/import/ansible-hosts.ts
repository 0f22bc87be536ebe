import { connectionOf } from "./ansible-connection.ts";
import type { AnsibleData, AnsibleGroup, AnsibleHost } from "./ansible-data.ts";
import { type GroupOrder, orderGroups, variablesOf } from "./ansible-groups.ts";
import { type FoundHost, nameList, short } from "./imported.ts";

/** The hosts of an inventory that can be reached over SSH. */
export interface AnsibleConnected {
  readonly hosts: readonly FoundHost[];
}

/** Works out for each host how it is reached and which labels its groups make. */
export function connectHosts(data: AnsibleData, kolla: boolean): AnsibleConnected {
  const order = orderGroups(data);
  const hosts: FoundHost[] = [];
  for (const host of data.hosts.values()) {
    const found = connectHost(host, order, data, kolla);
    if (found !== undefined) hosts.push(found);
  }
  if (kolla) reportServiceGroups(data);
  return { hosts };
}

function connectHost(host: AnsibleHost, order: GroupOrder, data: AnsibleData, kolla: boolean): FoundHost | undefined {
  const groups = order.groupsOf(host.name);
  const variables = variablesOf(host, groups, data.groups.get("all"));
  const connection = connectionOf(variables, data.notes);
  if (connection.kind === "elsewhere") {
    data.notes.add("node-left", connection.at, `${short(host.name)} is no node: ${connection.message}.`);
    return undefined;
  }
  const { kind: _ssh, address, ...ssh } = connection;
  const labels = new Map<string, string>();
  for (const group of groups) {
    if (group.name === "ungrouped" || (kolla && isServiceGroup(group))) continue;
    const [label, value] = labelOf(group);
    const other = labels.get(label);
    if (other !== undefined && other !== value)
      data.notes.add("left", group.at, `${short(host.name)} is in two groups that set the label ${short(label)}; the nearer one counts.`);
    labels.set(label, value);
  }
  return { name: host.name, address: address ?? host.name, ...ssh, labels, at: host.at };
}

/** The label that a group stands for: `halligan_label=tier=control` among its variables, else `GROUP: true`. */
function labelOf(group: AnsibleGroup): readonly [string, string] {
  const own = (group.variables.get("halligan_label") ?? group.fileVariables.get("halligan_label"))?.value;
  const cut = own?.kind === "text" ? own.text.indexOf("=") : -1;
  return own?.kind === "text" && cut > 0 ? [own.text.slice(0, cut), own.text.slice(cut + 1)] : [group.name, "true"];
}

/** Kolla's own groups of machines; all others made only of groups stand for services. */
const machineGroups: ReadonlySet<string> = new Set(["control", "network", "compute", "monitoring", "storage", "loadbalancer"]);

function isServiceGroup(group: AnsibleGroup): boolean {
  return group.hosts.size === 0 && !machineGroups.has(group.name);
}

/** Says which groups with hosts of their own a service's group comes down to. */
function reportServiceGroups(data: AnsibleData): void {
  const services = [...data.groups.values()].filter((group) => group.name !== "all" && group.children.size > 0 && isServiceGroup(group));
  const [first] = services;
  if (first === undefined) return;
  const rootsOf = (group: AnsibleGroup): readonly string[] => {
    const [roots, seen, open] = [new Set<string>(), new Set([group.name]), [group]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (!isServiceGroup(next)) roots.add(next.name);
      for (const child of isServiceGroup(next) ? next.children : []) {
        const known = data.groups.get(child);
        if (known !== undefined && !seen.has(child)) open.push(known);
        seen.add(child);
      }
    }
    return [...roots].toSorted();
  };
  const shown = services.map((group) => `${group.name} (${rootsOf(group).join(" ") || "no host"})`);
  const message = `${services.length} groups made only of other groups are not labels; place their roles on the groups in brackets: ${nameList(shown, 200)}.`;
  data.notes.add("left", first.at, message);
}
