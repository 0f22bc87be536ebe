import { isAddress } from "../../model/attributes.ts";
import { nameSchema } from "../../model/ids.ts";
import { maxExpansion } from "../../model/range.ts";
import { hopText } from "./hops.ts";
import { type FoundHost, type Imported, type ImportedNode, type Notes, short } from "./imported.ts";
import { labelsOf } from "./labels.ts";

/** A valid name that is near to a text: lower case, `-` for everything that a name cannot hold; empty when nothing is left. */
export function nearName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, 63)
    .replace(/-+$/u, "");
}

/** Makes nodes of hosts: valid names, addresses, ports, users and labels, one node per address and port. What cannot be kept is noted. */
export function finish(hosts: readonly FoundHost[], notes: Notes): Imported {
  const names = nodeNames(hosts, notes);
  const endpoints = new Map<string, string>();
  const nodes: ImportedNode[] = [];
  for (const host of hosts) {
    const name = names.get(host);
    if (name === undefined) continue;
    const node = finishOne(host, name, notes);
    if (node === undefined) continue;
    const endpoint = endpointOf(node.address, node.port);
    const other = endpoints.get(endpoint);
    if (other !== undefined) {
      notes.add("node-left", host.at, `${short(host.name)} has the same address and port as ${other}, so it is the same machine.`);
      continue;
    }
    if (nodes.length === maxExpansion) {
      notes.add("node-left", host.at, `${short(host.name)} and what follows: a cluster has at most ${maxExpansion} nodes.`);
      break;
    }
    endpoints.set(endpoint, name);
    nodes.push(node);
  }
  return { nodes, notes: notes.list() };
}

/** What two nodes may not share. */
export function endpointOf(address: string, port: number | undefined): string {
  return `${address.toLowerCase()} ${port ?? 22}`;
}

/** Valid names stay; others become near ones, numbered where those are taken. */
function nodeNames(hosts: readonly FoundHost[], notes: Notes): ReadonlyMap<FoundHost, string> {
  const valid = hosts.filter((host) => nameSchema.safeParse(host.name).success);
  const names = new Map<FoundHost, string>();
  const taken = new Set<string>();
  for (const host of valid) {
    if (taken.has(host.name)) notes.add("node-left", host.at, `${host.name} is there twice; the first one counts.`);
    else names.set(host, host.name);
    taken.add(host.name);
  }
  for (const host of hosts) {
    if (nameSchema.safeParse(host.name).success) continue;
    const near = nearName(host.name);
    if (near === "") {
      notes.add("node-left", host.at, `No node can be called \`${short(host.name)}\`, and nothing like it.`);
      continue;
    }
    const name = taken.has(near) ? numbered(near, taken) : near;
    const why = name === near ? "" : `; ${near} is another node`;
    notes.add("renamed", host.at, `${short(host.name)} is called ${name}${why}.`);
    taken.add(name);
    names.set(host, name);
  }
  return names;
}

/** `web-2`, `web-3` ...: the first that is free. */
function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const end = `-${number}`;
    const tried = `${name.slice(0, 63 - end.length).replace(/-+$/u, "")}${end}`;
    if (!taken.has(tried)) return tried;
  }
}

function finishOne(host: FoundHost, name: string, notes: Notes): ImportedNode | undefined {
  const address = host.address.replace(/^\[(.*)\]$/u, "$1");
  if (!isAddress(address)) {
    const message = `${short(host.name)} is missing: \`${short(host.address)}\` is no address. Add the node with its address by hand.`;
    notes.add("node-left", host.at, message);
    return undefined;
  }
  const port = portOf(host.port);
  if (port === "wrong") {
    notes.add(
      "node-left",
      host.at,
      `${short(host.name)} is missing: \`${short(host.port ?? "")}\` is no port. Add the node with its port by hand.`,
    );
    return undefined;
  }
  if (host.user !== undefined && !isUser(host.user))
    notes.add(
      "left",
      host.at,
      `${short(host.name)}: the login user is not carried over, since it is empty or holds a space, \`@\` or \`:\`.`,
    );
  const jump = host.jump.map(hopText);
  if (jump.includes(undefined)) {
    notes.add("node-left", host.at, `${short(host.name)} is missing: a host to jump over is not user@host:port. Add the node by hand.`);
    return undefined;
  }
  if (host.user !== undefined && host.jump.some((hop) => hop.user === undefined))
    notes.add("left", host.at, `${short(host.name)}: a host to jump over names no user, so it is reached as ${short(host.user)} too.`);
  return {
    name,
    address,
    ...(port === undefined ? {} : { port }),
    ...(host.user !== undefined && isUser(host.user) ? { user: host.user } : {}),
    keys: host.keys.filter((key) => key !== ""),
    ...(host.become === undefined ? {} : { become: host.become }),
    jump: jump.filter((hop) => hop !== undefined),
    labels: labelsOf(host, notes),
    at: host.at,
  };
}

function isUser(text: string): boolean {
  return /^[^\s@:]+$/u.test(text);
}

/** A port as written; nothing stays nothing. */
function portOf(text: string | undefined): number | undefined | "wrong" {
  if (text === undefined || text.trim() === "") return undefined;
  const port = Number(text);
  return /^\s*\d{1,5}\s*$/u.test(text) && port >= 1 && port <= 65_535 ? port : "wrong";
}
