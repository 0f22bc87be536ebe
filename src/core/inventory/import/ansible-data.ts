import type { ImportPlace, Notes } from "./imported.ts";

/** The value of a variable, as far as an import looks at it. */
export type VariableValue = { readonly kind: "text"; readonly text: string } | { readonly kind: "vault" } | { readonly kind: "other" };

/** A variable with its value and where it was set. */
export interface Variable {
  readonly value: VariableValue;
  readonly at: ImportPlace;
}

/** Variables by name; the last one counts. */
export type Variables = Map<string, Variable>;

/** A group: its own hosts, its child groups, its variables in inventory files and in group_vars. */
export interface AnsibleGroup {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Variables;
  readonly fileVariables: Variables;
  readonly at: ImportPlace;
}

/** A host: where it was first named, its variables in inventory files and in host_vars. */
export interface AnsibleHost {
  readonly name: string;
  readonly variables: Variables;
  readonly fileVariables: Variables;
  readonly at: ImportPlace;
}

/** Most groups that are read; a group for every machine would make labels that nobody selects by. */
const maxGroups = 2000;

/** Inventories put together, in the order in which hosts and groups are first named. */
export class AnsibleData {
  readonly groups = new Map<string, AnsibleGroup>();
  readonly hosts = new Map<string, AnsibleHost>();
  readonly notes: Notes;

  constructor(notes: Notes) {
    this.notes = notes;
  }

  /** The group of a name, made where it is not there yet. */
  group(name: string, at: ImportPlace): AnsibleGroup {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group: AnsibleGroup = {
      name,
      hosts: new Set<string>(),
      children: new Set<string>(),
      variables: new Map(),
      fileVariables: new Map(),
      at,
    };
    if (this.groups.size < maxGroups) this.groups.set(name, group);
    else this.notes.add("unread", { file: at.file, line: 1 }, `More than ${maxGroups} groups: the others are not read.`);
    return group;
  }

  /** The host of a name, made where it is not there yet. */
  host(name: string, at: ImportPlace): AnsibleHost {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const host = { name, variables: new Map(), fileVariables: new Map(), at };
    this.hosts.set(name, host);
    return host;
  }
}
