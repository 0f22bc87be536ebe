import { isMap, isNode, type Node, parseDocument, type YAMLMap } from "yaml";
import { fail, type FilePlace, HalliganError, type Problem, problem } from "../../errors.ts";
import { loadCluster } from "../../files/load-cluster.ts";
import { hideRanges } from "../../files/yaml-ranges.ts";
import type { Cluster, ClusterNode } from "../../model/cluster.ts";
import { type CommonSsh, nodeEntries, nodeLines } from "./cluster-text.ts";
import { endpointOf } from "./finish.ts";
import type { ImportedNode } from "./imported.ts";

/** A cluster file with nodes added: its new text, and which nodes were added or were there already. */
export interface Merged {
  readonly text: string;
  readonly cluster: string;
  readonly added: readonly string[];
  readonly same: readonly string[];
}

/**
 * Adds nodes to a cluster file; every other character of the file stays as it is. A node that is there and says the same is left alone.
 * @throws `IMPORT_CONFLICT` (all of them) for nodes that differ, `IMPORT_UNMERGEABLE`, and the problems of the file itself.
 */
export function mergeNodes(file: string, text: string, nodes: readonly ImportedNode[]): Merged {
  const cluster = loaded(file, text);
  const known = new Map(cluster.nodes.map((node) => [node.name, node]));
  const endpoints = new Map(cluster.nodes.map((node) => [endpointOf(node.address, node.ssh.port), node.name]));
  const conflicts: Problem[] = [];
  const added: ImportedNode[] = [];
  const same: string[] = [];
  for (const node of nodes) {
    const there = known.get(node.name);
    const neighbour = endpoints.get(endpointOf(node.address, node.port));
    if (there !== undefined) {
      const differs = differences(node, there);
      if (differs.length === 0) same.push(node.name);
      else
        conflicts.push(
          conflict(`${node.name} is there already, with ${differs.join(", ")}.`, node, cluster.places.get(`nodes.${node.name}`)),
        );
    } else if (neighbour !== undefined) {
      const message = `${node.name} has the same address and port as ${neighbour}, which is there already.`;
      conflicts.push(conflict(message, node, cluster.places.get(`nodes.${neighbour}.address`)));
    } else added.push(node);
  }
  const [first, ...others] = conflicts;
  if (first !== undefined) throw new HalliganError([first, ...others]);
  const names = added.map((node) => node.name);
  if (added.length === 0) return { text, cluster: cluster.name, added: names, same };
  const merged = insert(file, text, added, cluster);
  check(file, merged, cluster, names);
  return { text: merged, cluster: cluster.name, added: names, same };
}

function loaded(file: string, text: string): Cluster {
  const { cluster, problems } = loadCluster({ file, text, defaults: { user: unnamed } });
  const [first, ...others] = problems;
  if (first !== undefined) throw new HalliganError([first, ...others]);
  if (cluster === undefined) throw unmergeable(file, "the file holds no cluster");
  return cluster;
}

/** Stands for the user who runs Halligan, whom no file names. */
const unnamed = "-";

function conflict(message: string, node: ImportedNode, at: FilePlace | undefined): Problem {
  return problem("IMPORT_CONFLICT", { message, at, cause: `It was read from ${node.at.file}:${node.at.line}.` });
}

/** What an imported node says and the existing one has otherwise; what it does not say cannot differ. */
function differences(node: ImportedNode, there: ClusterNode): readonly string[] {
  const jump = there.ssh.jump.map(({ user, address, port }) => ({ user, host: address, port }));
  const found: string[] = [];
  if (node.address.toLowerCase() !== there.address.toLowerCase()) found.push(`address ${there.address} instead of ${node.address}`);
  if (node.port !== undefined && node.port !== there.ssh.port) found.push(`port ${there.ssh.port} instead of ${node.port}`);
  if (node.user !== undefined && node.user !== there.ssh.user) found.push(`another user than ${node.user}`);
  if (node.keys.length > 0 && node.keys.join("\n") !== there.ssh.keys.join("\n")) found.push("other keys");
  if (node.become !== undefined && node.become !== there.ssh.become) found.push(`become ${there.ssh.become} instead of ${node.become}`);
  if (node.jump.length > 0 && !sameHops(node.jump, jump)) found.push("other hosts to jump over");
  for (const [label, value] of node.labels) {
    const own = there.labels[label];
    if (own !== value) found.push(own === undefined ? `no label ${label}` : `another value of the label ${label}`);
  }
  return found;
}

function sameHops(
  texts: readonly string[],
  hops: readonly { readonly user: string; readonly host: string; readonly port: number }[],
): boolean {
  const plain = (text: string): string => text.replaceAll(/[[\]]/gu, "");
  return (
    texts.length === hops.length &&
    texts.every((text, index) => {
      const hop = hops[index];
      if (hop === undefined) return false;
      const forms = [`${hop.user}@${hop.host}:${hop.port}`, `${hop.host}:${hop.port}`];
      if (hop.port === 22) forms.push(`${hop.user}@${hop.host}`, hop.host);
      return forms.includes(plain(text));
    })
  );
}

/** Puts the nodes behind the last node of the file, in the way in which its nodes are written. */
function insert(file: string, text: string, nodes: readonly ImportedNode[], cluster: Cluster): string {
  const shift = text.startsWith("\uFEFF") ? 1 : 0;
  const hidden = hideRanges(text.slice(shift));
  const map = parseDocument(hidden, { version: "1.2", stringKeys: true, logLevel: "error" }).get("nodes", true);
  if (!isMap(map)) throw unmergeable(file, "`nodes` is an alias or no map");
  const { user, keys, become } = cluster.ssh;
  const common: CommonSsh = { ...(user === unnamed ? {} : { user }), keys, become, jump: [] };
  const wanted = nodes.map((node) => withoutPort(node, cluster.ssh.port));
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const end = shift + endOf(map);
  if (map.flow === true && map.items.length > 0) return `${text.slice(0, end)}, ${nodeEntries(wanted, common)}${text.slice(end)}`;
  const lines = nodeLines(wanted, common, map.flow === true ? 2 : indentOf(hidden, map)).replaceAll("\n", newline);
  if (map.flow === true) {
    const start = shift + (map.range?.[0] ?? 0);
    const rest = text.slice(shift + (map.range?.[1] ?? 0));
    return `${text.slice(0, start).trimEnd()}${newline}${lines.trimEnd()}${rest.trim() === "" ? newline : rest}`;
  }
  const next = text[end - 1] === "\n" ? end - 1 : text.indexOf("\n", end);
  if (next === -1) return `${text}${newline}${lines}`;
  return `${text.slice(0, next + 1)}${lines}${text.slice(next + 1)}`;
}

/** The node with its port only where it is another than the cluster's. */
function withoutPort(node: ImportedNode, clusterPort: number): ImportedNode {
  const { port = 22, ...others } = node;
  return port === clusterPort ? others : { ...others, port };
}

function indentOf(text: string, map: YAMLMap): number {
  const key: unknown = map.items[0]?.key;
  const start = isNode(key) ? (key.range?.[0] ?? 0) : 0;
  return start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** Where the last value of the nodes, or of a block map, ends. */
function endOf(node: Node, outermost = true): number {
  if (isMap(node) && (outermost || node.flow !== true)) {
    const last: unknown = node.items.at(-1)?.value ?? node.items.at(-1)?.key;
    if (isNode(last)) return endOf(last, false);
  }
  return node.range?.[1] ?? 0;
}

/** The file as it would be must load, with the nodes that were there as they were, and the new ones. */
function check(file: string, text: string, before: Cluster, added: readonly string[]): void {
  const { cluster, problems } = loadCluster({ file, text, defaults: { user: unnamed } });
  const names = new Set(added);
  const kept = cluster?.nodes.filter((node) => !names.has(node.name));
  const complete = cluster !== undefined && cluster.nodes.length === before.nodes.length + added.length;
  if (problems.length > 0 || !complete || JSON.stringify(kept) !== JSON.stringify(before.nodes))
    throw unmergeable(file, problems[0] === undefined ? "nodes could not be added at its end" : problems[0].message);
}

function unmergeable(file: string, why: string): HalliganError {
  return fail("IMPORT_UNMERGEABLE", { message: `Nodes cannot be added to ${file}: ${why}.` });
}
