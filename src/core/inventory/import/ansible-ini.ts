import type { AnsibleData, VariableValue } from "./ansible-data.ts";
import { expandHostPattern } from "./host-pattern.ts";
import { type ImportPlace, short } from "./imported.ts";
import { pythonText, splitWords } from "./python-text.ts";

const section = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/u;

/** Reads an Ansible INI inventory as Ansible's `ini` plugin does. Lines that cannot be read are noted and passed over. */
export function readAnsibleIni(file: string, text: string, data: AnsibleData): void {
  let [group, state] = ["ungrouped", "hosts"];
  for (const [index, raw] of text
    .replace(/^\uFEFF/u, "")
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u)
    .entries()) {
    const line = raw.trim();
    const at: ImportPlace = { file, line: index + 1 };
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const head = section.exec(line);
    if (head !== null) {
      [group, state] = [head[1] ?? "", head[2] ?? "hosts"];
      if (state === "hosts" || state === "children" || state === "vars") data.group(group, at);
      else data.notes.add("unread", at, `The section [${short(group)}:${short(state)}] is none of hosts, children and vars.`);
      continue;
    }
    if (line.startsWith("[") && line.endsWith("]") && !/^\[[0-9A-Fa-f:.]+\]$/u.test(line)) {
      data.notes.add("unread", at, "The line looks like a section but is none: a name of a group has no spaces.");
      state = "unknown";
    } else if (state === "hosts") hostLine(line, group, at, data);
    else if (state === "vars") variableLine(line, group, at, data);
    else if (state === "children") childLine(line, group, at, data);
    else data.notes.add("unread", at, "The line is in a section that cannot be read.");
  }
}

function hostLine(line: string, groupName: string, at: ImportPlace, data: AnsibleData): void {
  const split = splitWords(line);
  if (!split.ok) {
    data.notes.add("unread", at, `The line cannot be read: ${split.message}.`);
    return;
  }
  const [pattern, ...assignments] = split.words;
  if (pattern === undefined) return;
  const hosts = expandHostPattern(pattern);
  if (!hosts.ok) {
    data.notes.add("unread", at, `The line cannot be read: ${hosts.message}.`);
    return;
  }
  const variables = new Map<string, VariableValue>();
  if (hosts.port !== undefined) variables.set("ansible_port", { kind: "text", text: hosts.port });
  for (const assignment of assignments) {
    const cut = assignment.indexOf("=");
    if (cut > 0) variables.set(assignment.slice(0, cut), valueOf(assignment.slice(cut + 1)));
    else {
      data.notes.add("unread", at, "The line cannot be read: a word after the host is no key=value.");
      return;
    }
  }
  const group = data.group(groupName, at);
  for (const name of hosts.names) {
    const host = data.host(name, at);
    group.hosts.add(name);
    for (const [key, value] of variables) host.variables.set(key, { value, at });
  }
}

function variableLine(line: string, groupName: string, at: ImportPlace, data: AnsibleData): void {
  const cut = line.indexOf("=");
  if (cut > 0) data.group(groupName, at).variables.set(line.slice(0, cut).trim(), { value: valueOf(line.slice(cut + 1)), at });
  else data.notes.add("unread", at, "The line is no key=value.");
}

function childLine(line: string, groupName: string, at: ImportPlace, data: AnsibleData): void {
  const child = /^([^:\]\s]+)\s*(?:#.*)?$/u.exec(line)?.[1];
  if (child === undefined) {
    data.notes.add("unread", at, "The line is no name of a group.");
    return;
  }
  data.group(groupName, at).children.add(child);
  data.group(child, at);
}

function valueOf(text: string): VariableValue {
  return { kind: "text", text: pythonText(text) };
}
