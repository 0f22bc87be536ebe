import type { AnsibleData, Variables, VariableValue } from "./ansible-data.ts";
import { expandHostPattern } from "./host-pattern.ts";
import { type ImportPlace, short } from "./imported.ts";
import { type LooseEntry, type LooseYaml, readLooseYaml } from "./loose-yaml.ts";

/** True for a file without an extension that is a YAML inventory rather than an INI one. */
export function looksLikeYaml(text: string): boolean {
  const { root, faults } = readLooseYaml(text);
  return faults.length === 0 && root.kind === "map" && root.entries.every(({ value }) => value.kind === "map" || value.kind === "nothing");
}

/**
 * Reads an Ansible YAML inventory as Ansible's `yaml` plugin does, and what dynamic inventories and `ansible-inventory --list` print: lists in place
 * of maps, variables of hosts in `_meta`. What cannot be read is noted and passed over.
 */
export function readAnsibleYaml(file: string, text: string, data: AnsibleData): void {
  const { root, faults } = readLooseYaml(text);
  for (const { line, message } of faults) data.notes.add("unread", { file, line }, `Part of the file cannot be read: ${message}.`);
  if (root.kind !== "map") {
    if (faults.length === 0) data.notes.add("unread", { file, line: 1 }, "The file is no map of groups.");
    return;
  }
  const plugin = root.entries.find(({ key }) => key === "plugin");
  if (plugin !== undefined) {
    const message = "The file configures a dynamic inventory. Import what `ansible-inventory --list` prints instead.";
    data.notes.add("unread", { file, line: plugin.line }, message);
    return;
  }
  for (const entry of root.entries) {
    if (entry.key === "_meta") readMeta(entry.value, file, data);
    else readGroup(entry, file, data);
  }
}

/** `_meta: { hostvars: { HOST: { ... } } }`. */
function readMeta(value: LooseYaml, file: string, data: AnsibleData): void {
  const hosts = mapEntries(value).find(({ key }) => key === "hostvars");
  for (const { key, value: variables, line } of hosts === undefined ? [] : mapEntries(hosts.value))
    readVariables(variables, file, data.host(key, { file, line }).variables);
}

function readGroup({ key, value, line }: LooseEntry, file: string, data: AnsibleData): void {
  const at: ImportPlace = { file, line };
  if (value.kind === "list") {
    readHosts(value, key, file, data);
    return;
  }
  if (value.kind !== "map" && value.kind !== "nothing") {
    data.notes.add("unread", at, `\`${short(key)}\` is no group: a group is a map of hosts, children and vars.`);
    return;
  }
  const group = data.group(key, at);
  for (const part of value.kind === "map" ? value.entries : []) {
    const place = { file, line: part.line };
    if (part.key === "hosts") readHosts(part.value, key, file, data);
    else if (part.key === "vars") readVariables(part.value, file, group.variables);
    else if (part.key === "children") {
      for (const child of namedEntries(part.value)) {
        group.children.add(child.key);
        readGroup(child, file, data);
      }
      if (!isMapLike(part.value) && part.value.kind !== "list")
        data.notes.add("unread", place, `The children of ${short(key)} are no map.`);
    } else data.notes.add("unread", place, `The group ${short(key)} has an unknown part \`${short(part.key)}\`.`);
  }
}

function readHosts(value: LooseYaml, groupName: string, file: string, data: AnsibleData): void {
  const entries = value.kind === "text" ? [bare(value)] : namedEntries(value);
  if (value.kind !== "text" && value.kind !== "list" && !isMapLike(value))
    data.notes.add("unread", { file, line: value.line }, `The hosts of ${short(groupName)} are no map.`);
  for (const entry of entries) {
    const at = { file, line: entry.line };
    const pattern = expandHostPattern(entry.key);
    if (!pattern.ok) {
      data.notes.add("unread", at, `The host cannot be read: ${pattern.message}.`);
      continue;
    }
    for (const name of pattern.names) {
      const host = data.host(name, at);
      data.group(groupName, at).hosts.add(name);
      if (pattern.port !== undefined) host.variables.set("ansible_port", { value: { kind: "text", text: pattern.port }, at });
      readVariables(entry.value, file, host.variables);
    }
  }
}

/** Reads a file of group_vars or host_vars. */
export function readVariablesFile(file: string, text: string, into: Variables, data: AnsibleData): void {
  if (text.startsWith("$ANSIBLE_VAULT;")) {
    data.notes.add("unread", { file, line: 1 }, "The file is encrypted with Ansible Vault; nothing of it is carried over.");
    return;
  }
  const { root, faults } = readLooseYaml(text);
  for (const { line, message } of faults) data.notes.add("unread", { file, line }, `Part of the file cannot be read: ${message}.`);
  readVariables(root, file, into);
}

function readVariables(value: LooseYaml, file: string, into: Variables): void {
  for (const entry of mapEntries(value)) into.set(entry.key, { value: variableValue(entry.value), at: { file, line: entry.line } });
}

function variableValue(value: LooseYaml): VariableValue {
  switch (value.kind) {
    case "text":
      return { kind: "text", text: value.text };
    case "vault":
      return { kind: "vault" };
    case "nothing":
      return { kind: "text", text: "" };
    case "map":
    case "list":
      return { kind: "other" };
    default:
      return value satisfies never;
  }
}

/** The entries of a map, or of a list of names. */
function namedEntries(value: LooseYaml): readonly LooseEntry[] {
  return value.kind === "list" ? value.items.flatMap((item) => (item.kind === "text" ? [bare(item)] : [])) : mapEntries(value);
}

/** A name that stands alone, as a map has it with nothing behind. */
function bare({ text, line }: Extract<LooseYaml, { kind: "text" }>): LooseEntry {
  return { key: text, value: { kind: "nothing", line }, line };
}

function mapEntries(value: LooseYaml): readonly LooseEntry[] {
  return value.kind === "map" ? value.entries : [];
}

function isMapLike(value: LooseYaml): boolean {
  return value.kind === "map" || value.kind === "nothing";
}
