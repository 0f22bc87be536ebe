import { isAlias, isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { fail, type HalliganError } from "../errors.ts";
import { hideRanges, showRanges } from "../files/yaml-ranges.ts";
import { readYaml } from "../files/yaml-tree.ts";
import type { Json } from "../ports.ts";
import { isMap as isJsonMap, pathText, sameValue, valueAt } from "./changes.ts";
import { insertPair, putValue, removePair, type Splice } from "./yaml-splice.ts";

/** One change of a cluster file: a value for a path, nothing there any more, or the same under another name in its place. */
export type YamlEdit =
  | { readonly do: "rename"; readonly path: readonly string[]; readonly to: string }
  | { readonly do: "set"; readonly path: readonly string[]; readonly value: Json; readonly first?: boolean }
  | { readonly do: "remove"; readonly path: readonly string[] };

/** Where a path leads in a file. */
type Found =
  | {
      readonly at: "pair";
      readonly map: YAMLMap;
      readonly pair: Pair<Node, Node | null>;
      readonly parents: readonly Pair<Node, Node | null>[];
    }
  | { readonly at: "map"; readonly map: YAMLMap; readonly parent?: Pair<Node, Node | null>; readonly rest: readonly string[] }
  | { readonly at: "nothing"; readonly pair: Pair<Node, Node | null>; readonly rest: readonly string[] };

/**
 * Changes one value of a YAML text and nothing else: comments, order, quotes and layout of everything else stay byte for byte. What was
 * written is read again and compared with what it should be.
 * @throws `EDIT_REFUSED` where that is not possible, for anchors and texts in place of maps.
 */
export function editYaml(text: string, edit: YamlEdit): string {
  const before = readYaml("cluster.yaml", text).value;
  if (edit.do === "set" && sameValue(valueAt(before, edit.path), edit.value)) return text;
  const parts = edit.do === "set" ? partsOf(valueAt(before, edit.path), edit) : undefined;
  if (parts !== undefined) return parts.reduce(editYaml, text);
  const { edited, expected } = carriedOut(text, before, edit);
  const read = readYaml("cluster.yaml", edited);
  if (read.problems.length > 0 || !sameValue(read.value, expected))
    throw refused(edit.path, "other values would change with it (an anchor, or a way of writing that has no room for it)");
  return edited;
}

/** The text after an edit, and what it must say. */
function carriedOut(
  text: string,
  before: Json | undefined,
  edit: YamlEdit,
): { readonly edited: string; readonly expected: Json | undefined } {
  switch (edit.do) {
    case "set":
      return { edited: setOne(text, edit), expected: withValue(before, edit.path, edit.value) };
    case "remove":
      return { edited: removeOne(text, edit.path), expected: withoutValue(before, edit.path) };
    case "rename": {
      const path = [...edit.path.slice(0, -1), edit.to];
      return {
        edited: renameOne(text, edit),
        expected: withValue(withoutValue(before, edit.path), path, valueAt(before, edit.path) ?? null),
      };
    }
    default:
      return edit satisfies never;
  }
}

/** A map in place of a map is changed key by key, so that what stays keeps its comments. */
function partsOf(now: Json | undefined, { path, value }: YamlEdit & { readonly do: "set" }): readonly YamlEdit[] | undefined {
  if (!isJsonMap(now) || !isJsonMap(value) || Object.keys(now).length === 0 || Object.keys(value).length === 0) return undefined;
  const gone = Object.keys(now).filter((key) => !Object.hasOwn(value, key));
  // What comes goes in first: a map that is empty for a moment would be taken away.
  return [
    ...Object.entries(value).map(([key, each]): YamlEdit => ({ do: "set", path: [...path, key], value: each })),
    ...gone.map((key): YamlEdit => ({ do: "remove", path: [...path, key] })),
  ];
}

function setOne(text: string, { path, value, first = false }: YamlEdit & { readonly do: "set" }): string {
  const found = find(text, path);
  switch (found.at) {
    case "pair":
      return splice(text, putValue(text, found.pair, value));
    case "map":
      return splice(text, insertPair(text, found.map, found.rest, value, first ? found.parent : undefined));
    case "nothing":
      return splice(text, putValue(text, found.pair, nested(found.rest, value)));
    default:
      return found satisfies never;
  }
}

function removeOne(text: string, path: readonly string[]): string {
  const found = find(text, path);
  if (found.at !== "pair") return text;
  // A map that would be left empty goes with what was its last key.
  const chain = [...found.parents, found.pair];
  let at = chain.length - 1;
  const sizeOf = (pair: Pair<Node, Node | null> | undefined): number => (isMap(pair?.value) ? pair.value.items.length : 0);
  while (at > 0 && sizeOf(chain[at - 1]) === 1) at -= 1;
  const pair = chain[at];
  const parent = at === 0 ? rootOf(text, path) : chain[at - 1]?.value;
  if (pair === undefined || !isMap(parent)) return text;
  const root = rootOf(text, path);
  const map = at === 0 ? root : parent;
  return splice(text, removePair(text, map as YAMLMap, keyOf(pair)));
}

function renameOne(text: string, { path, to }: YamlEdit & { readonly do: "rename" }): string {
  const found = find(text, path);
  const range = found.at === "pair" ? found.pair.key.range : undefined;
  if (range === undefined || range === null) throw refused(path, "it is not there");
  return splice(text, { from: range[0], to: range[1], text: to });
}

function rootOf(text: string, path: readonly string[]): YAMLMap {
  const { contents } = parseDocument(hideRanges(text), { version: "1.2", stringKeys: true, logLevel: "silent" });
  if (!isMap(contents)) throw refused(path, "the file is no map");
  return contents as YAMLMap;
}

function keyOf(pair: Pair<Node, Node | null>): string {
  return isScalar(pair.key) ? showRanges(String(pair.key.value)) : "";
}

function find(text: string, path: readonly string[]): Found {
  let map = rootOf(text, path);
  const parents: Pair<Node, Node | null>[] = [];
  for (const [depth, key] of path.entries()) {
    const pair = (map.items as Pair<Node, Node | null>[]).find((each) => keyOf(each) === key);
    const parent = parents.at(-1);
    if (pair === undefined) return { at: "map", map, rest: path.slice(depth), ...(parent === undefined ? {} : { parent }) };
    if (depth === path.length - 1) return { at: "pair", map, pair, parents };
    const { value } = pair;
    const rest = path.slice(depth + 1);
    if (isMap(value)) map = value as YAMLMap;
    else if (value === null || (isScalar(value) && value.value === null)) return { at: "nothing", pair, rest };
    else throw refused(path.slice(0, depth + 1), isAlias(value) ? "it is an alias of what stands elsewhere" : "it is not a map there");
    parents.push(pair);
  }
  throw refused(path, "a path has at least one name");
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

function withValue(value: Json | undefined, path: readonly string[], leaf: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const map = isJsonMap(value) ? value : {};
  return { ...map, [key]: withValue(Object.hasOwn(map, key) ? map[key] : undefined, rest, leaf) };
}

function withoutValue(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined || !isJsonMap(value) || !Object.hasOwn(value, key)) return value;
  const inner = rest.length === 0 ? undefined : withoutValue(value[key], rest);
  const { [key]: _gone, ...others } = value;
  const isEmpty = inner === undefined || (isJsonMap(inner) && Object.keys(inner).length === 0);
  return isEmpty ? others : { ...value, [key]: inner };
}

function splice(text: string, { from, to, text: put }: Splice): string {
  return text.slice(0, from) + put + text.slice(to);
}

function refused(path: readonly string[], why: string): HalliganError {
  return fail("EDIT_REFUSED", { message: `\`${pathText(path)}\` cannot be changed by itself: ${why}.` });
}
