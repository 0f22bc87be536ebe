import { type AnsibleConnected, connectHosts } from "./ansible-hosts.ts";
import { AnsibleData, type Variables } from "./ansible-data.ts";
import { readAnsibleIni } from "./ansible-ini.ts";
import { knownVariables } from "./ansible-connection.ts";
import { looksLikeYaml, readAnsibleYaml, readVariablesFile } from "./ansible-yaml.ts";
import { finish } from "./finish.ts";
import { type Imported, nameList, Notes, short } from "./imported.ts";
import type { AnsibleSources } from "./sources.ts";

/**
 * Makes nodes of Ansible inventories with the group_vars and host_vars beside them. `kolla`: groups that are made only of other groups (one
 * per service) are not labels. Never throws; everything that is not carried over is noted.
 */
export function importAnsible(sources: AnsibleSources, kolla: boolean): Imported {
  const notes = new Notes();
  for (const note of sources.notes) notes.add(note.kind, note, note.message);
  const data = new AnsibleData(notes);
  for (const { file, text } of sources.inventories) readInventory(file, text, data);
  for (const { name, file, text } of sources.groupVars) {
    const group = data.groups.get(name) ?? (name === "all" ? data.group("all", { file, line: 1 }) : undefined);
    if (group !== undefined) readVariablesFile(file, text, group.fileVariables, data);
    else notes.add("unread", { file, line: 1 }, `There is no group ${short(name)}.`);
  }
  for (const { name, file, text } of sources.hostVars) {
    const host = data.hosts.get(name);
    if (host !== undefined) readVariablesFile(file, text, host.fileVariables, data);
    else notes.add("unread", { file, line: 1 }, `There is no host ${short(name)}.`);
  }
  const connected: AnsibleConnected = connectHosts(data, kolla);
  reportVariables(data);
  return finish(connected.hosts, notes);
}

function readInventory(file: string, text: string, data: AnsibleData): void {
  if (text.startsWith("$ANSIBLE_VAULT;")) {
    data.notes.add("unread", { file, line: 1 }, "The file is encrypted with Ansible Vault; nothing of it is carried over.");
  } else if (text.startsWith("#!")) {
    const message = `The file is a program, and is not run. Import what \`ansible-inventory -i ${short(file)} --list\` prints instead.`;
    data.notes.add("unread", { file, line: 1 }, message);
  } else if (/\.(ya?ml|json)$/iu.test(file) || isJsonObject(text)) readAnsibleYaml(file, text, data);
  else if (!/\.[A-Za-z0-9]+$/u.test(file.slice(file.lastIndexOf("/") + 1)) && looksLikeYaml(text)) readAnsibleYaml(file, text, data);
  else readAnsibleIni(file, text, data);
}

/** What `ansible-inventory --list` prints, whatever the file is called. */
function isJsonObject(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One note per file and owner with the names of the variables that stay behind; values may be secrets and are never shown. */
function reportVariables(data: AnsibleData): void {
  const left = new Map<
    string,
    { readonly file: string; line: number; readonly owner: string; readonly names: Set<string>; vaults: number }
  >();
  const look = (owner: string, variables: Variables): void => {
    for (const [name, { at, value }] of variables) {
      if (knownVariables.has(name)) continue;
      const key = `${at.file}\u0000${owner}`;
      const entry = left.get(key) ?? { file: at.file, line: at.line, owner, names: new Set<string>(), vaults: 0 };
      entry.line = Math.min(entry.line, at.line);
      entry.names.add(name);
      if (value.kind === "vault") entry.vaults += 1;
      left.set(key, entry);
    }
  };
  for (const group of data.groups.values()) {
    look(`group ${short(group.name)}`, group.variables);
    look(`group ${short(group.name)}`, group.fileVariables);
  }
  for (const host of data.hosts.values()) {
    look("hosts", host.variables);
    look(`host ${short(host.name)}`, host.fileVariables);
  }
  for (const { file, line, owner, names, vaults } of left.values()) {
    const many = names.size === 1 ? "1 variable" : `${names.size} variables`;
    const encrypted = vaults === 0 ? "" : `, ${vaults} of them encrypted with Ansible Vault`;
    data.notes.add(
      "left",
      { file, line },
      `${many} of ${owner} not carried over${encrypted}: ${nameList(names)}. Values are not shown: they may be secrets.`,
    );
  }
}
