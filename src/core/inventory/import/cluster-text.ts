import { Document, isMap, Pair, Scalar, YAMLMap } from "yaml";
import type { ImportedNode } from "./imported.ts";

/** What holds for every node unless the node says otherwise. */
export interface CommonSsh {
  readonly user?: string;
  readonly keys: readonly string[];
  readonly become?: "sudo" | "none";
  readonly jump: readonly string[];
}

const flowWidth = 130; // a node that fits stands on one line

/** A cluster file with these nodes. What all of them share stands once, under `ssh`. */
export function clusterText(name: string, nodes: readonly ImportedNode[], origin: string): string {
  const common = commonSsh(nodes);
  const document = new Document(
    new Map<string, unknown>([
      ["halligan", 1],
      ["cluster", name],
    ]),
    { version: "1.2" },
  );
  document.commentBefore = ` Imported from ${origin.replaceAll(/[\r\n]+/gu, " ")}. Check it with \`halligan validate\`, then look at the machines with \`halligan discover\`.`;
  const ssh = sshEntries(common, undefined);
  if (ssh.length > 0) document.set("ssh", flowMap(ssh));
  const usual = nodes.map(({ port, ...others }) => (port === undefined || port === 22 ? others : { ...others, port }));
  document.set("nodes", nodesMap(usual, common));
  if (isMap(document.contents)) {
    const last = document.contents.items.at(-1);
    if (last?.key instanceof Scalar) last.key.spaceBefore = true;
  }
  return document.toString(yamlStyle);
}

/** The lines of nodes for a `nodes` map, indented by `indent` spaces, without what `common` says already. */
export function nodeLines(nodes: readonly ImportedNode[], common: CommonSsh, indent: number): string {
  const text = new Document(nodesMap(nodes, common), { version: "1.2" }).toString(yamlStyle);
  return text.replaceAll(/^(?=.)/gmu, " ".repeat(indent));
}

/** The same in braces, on one line, without the outer braces. */
export function nodeEntries(nodes: readonly ImportedNode[], common: CommonSsh): string {
  const map = nodesMap(nodes, common);
  map.flow = true;
  // a flow map makes everything inside it flow as well; the width is unbounded, so it stays on one line
  const text = new Document(map, { version: "1.2" }).toString({ ...yamlStyle, lineWidth: 0 });
  return text
    .replaceAll(/\n\s*/gu, " ")
    .replace(/^\s*\{\s*/u, "")
    .replace(/,?\s*\}\s*$/u, "");
}

const yamlStyle = { lineWidth: 0, blockQuote: false, flowCollectionPadding: true } as const;

/** What nodes share: the user and the way to become root that most have, where all name one; keys and jumps where they are the same for all. */
function commonSsh(nodes: readonly ImportedNode[]): CommonSsh {
  const [first, ...others] = nodes;
  if (first === undefined) return { keys: [], jump: [] };
  const shared = (read: (node: ImportedNode) => unknown): boolean =>
    others.every((node) => JSON.stringify(read(node)) === JSON.stringify(read(first)));
  const [user, become] = [mostHave(nodes.map((node) => node.user)), mostHave(nodes.map((node) => node.become))];
  return {
    ...(user === undefined ? {} : { user }),
    keys: shared((node) => node.keys) ? first.keys : [],
    ...(become === undefined ? {} : { become }),
    jump: shared((node) => node.jump) ? first.jump : [],
  };
}

/** The most frequent value where nobody is without one; the first of equals. */
function mostHave<T>(values: readonly (T | undefined)[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) {
    if (value === undefined) return undefined;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].reduce<readonly [T, number] | undefined>(
    (best, each) => (best === undefined || each[1] > best[1] ? each : best),
    undefined,
  )?.[0];
}

type Entry = readonly [string, unknown];

function sshEntries(own: CommonSsh, common: CommonSsh | undefined): readonly Entry[] {
  const same = (a: readonly string[], b: readonly string[] | undefined): boolean => JSON.stringify(a) === JSON.stringify(b ?? []);
  const entries: Entry[] = [];
  if (own.user !== undefined && own.user !== common?.user) entries.push(["user", own.user]);
  if (own.keys.length > 0 && !same(own.keys, common?.keys)) entries.push(own.keys.length === 1 ? ["key", own.keys[0]] : ["keys", own.keys]);
  if (own.become !== undefined && own.become !== common?.become) entries.push(["become", own.become]);
  if (own.jump.length > 0 && !same(own.jump, common?.jump)) entries.push(["jump", own.jump.length === 1 ? own.jump[0] : own.jump]);
  return entries;
}

function nodesMap(nodes: readonly ImportedNode[], common: CommonSsh): YAMLMap {
  const map = new YAMLMap();
  for (const node of nodes) {
    const ssh = sshEntries(node, common);
    // `true` is what people write; the loader makes a text of it again
    const labels = [...node.labels].map(([label, value]): Entry => [label, value === "true" ? true : value]);
    const entries: Entry[] = [
      ["address", node.address],
      ...(node.port === undefined ? [] : [["port", node.port] as const]),
      ...(labels.length === 0 ? [] : [["labels", flowMap(labels)] as const]),
      ...(ssh.length === 0 ? [] : [["ssh", flowMap(ssh)] as const]),
    ];
    const value = flowMap(entries);
    value.flow = width(value) + node.name.length <= flowWidth;
    for (const pair of value.flow ? [] : (value.items as Pair<unknown, unknown>[]))
      if (pair.value instanceof YAMLMap) pair.value.flow = width(pair.value) + 12 <= flowWidth;
    map.items.push(new Pair(new Scalar(node.name), value));
  }
  return map;
}

function width(map: YAMLMap): number {
  return new Document(map).toString(yamlStyle).length;
}

function flowMap(entries: readonly Entry[]): YAMLMap {
  const document = new Document();
  const map = new YAMLMap();
  map.flow = true;
  for (const [key, value] of entries)
    map.items.push(new Pair(new Scalar(key), value instanceof YAMLMap ? value : document.createNode(value, { flow: true })));
  return map;
}
