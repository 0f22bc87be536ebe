import type { AnsibleData, AnsibleGroup, AnsibleHost, Variables } from "./ansible-data.ts";
import { short } from "./imported.ts";

/** Groups of every host and their order, for variables and labels. */
export interface GroupOrder {
  /** All groups a host is in, also through child groups, farthest first (the nearer one wins); without `all`. */
  groupsOf(host: string): readonly AnsibleGroup[];
}

/** Works out which groups a host is in. A group that is its own descendant is noted, and that link left out. */
export function orderGroups(data: AnsibleData): GroupOrder {
  const parents = new Map<string, AnsibleGroup[]>();
  const depths = new Map<string, number>();
  for (const group of withoutCycles(data))
    for (const child of group.children) parents.set(child, [...(parents.get(child) ?? []), group.group]);
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const depth = 1 + Math.max(0, ...(parents.get(name) ?? []).map((parent) => depthOf(parent.name)));
    depths.set(name, depth);
    return depth;
  };
  const above = new Map<string, ReadonlySet<AnsibleGroup>>();
  const withAncestors = (group: AnsibleGroup): ReadonlySet<AnsibleGroup> => {
    const known = above.get(group.name);
    if (known !== undefined) return known;
    const found = new Set([group]);
    for (const parent of parents.get(group.name) ?? []) for (const each of withAncestors(parent)) found.add(each);
    above.set(group.name, found);
    return found;
  };
  const direct = new Map<string, AnsibleGroup[]>();
  for (const group of data.groups.values())
    for (const host of group.hosts) {
      const list = direct.get(host);
      if (list === undefined) direct.set(host, [group]);
      else list.push(group);
    }
  return {
    groupsOf(host) {
      const found = new Set((direct.get(host) ?? []).flatMap((group) => [...withAncestors(group)]));
      return [...found]
        .filter((group) => group.name !== "all")
        .toSorted((a, b) => depthOf(a.name) - depthOf(b.name) || priorityOf(a) - priorityOf(b) || compare(a.name, b.name));
    },
  };
}

/** The links between groups that make no circle; depth-first with a stack of its own, since groups may nest deeply. */
function withoutCycles(data: AnsibleData): readonly { readonly group: AnsibleGroup; readonly children: readonly string[] }[] {
  const kept = new Map<string, string[]>();
  const state = new Map<string, "open" | "done">();
  for (const start of data.groups.keys()) {
    const stack: { readonly name: string; readonly rest: string[] }[] = [];
    const open = (name: string): void => {
      state.set(name, "open");
      kept.set(name, []);
      stack.push({ name, rest: [...(data.groups.get(name)?.children ?? [])].toReversed() });
    };
    if (!state.has(start)) open(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = top.rest.pop();
      if (child === undefined) {
        state.set(top.name, "done");
        stack.pop();
      } else if (state.get(child) === "open") {
        const group = data.groups.get(top.name);
        if (group !== undefined)
          data.notes.add(
            "left",
            group.at,
            `${short(child)} is not taken as a child of ${short(top.name)}: it would be its own descendant.`,
          );
      } else {
        kept.get(top.name)?.push(child);
        if (!state.has(child)) open(child);
      }
    }
  }
  return [...data.groups.values()].map((group) => ({ group, children: kept.get(group.name) ?? [] }));
}

function priorityOf(group: AnsibleGroup): number {
  const value = group.variables.get("ansible_group_priority")?.value;
  return value?.kind === "text" && /^-?\d{1,9}$/u.test(value.text) ? Number(value.text) : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The variables of a host in Ansible's order of precedence: group variables, group_vars, host variables, host_vars. */
export function variablesOf(host: AnsibleHost, groups: readonly AnsibleGroup[], all: AnsibleGroup | undefined): Variables {
  const layers = [
    all?.variables,
    ...groups.map((group) => group.variables),
    all?.fileVariables,
    ...groups.map((group) => group.fileVariables),
    host.variables,
    host.fileVariables,
  ];
  const merged: Variables = new Map();
  for (const layer of layers) for (const [name, variable] of layer ?? []) merged.set(name, variable);
  return merged;
}
