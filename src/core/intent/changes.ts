import { readYaml } from "../files/yaml-tree.ts";
import type { Json } from "../ports.ts";

/** One value that is otherwise; `undefined` = it is not there. A path is as in provenance: `deployments.web.set.nginx.port`. */
export interface IntentChange {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

type JsonMap = { readonly [key: string]: Json };

/**
 * What differs between two cluster files by meaning: the deepest keys whose values differ, in the order of the file. Comments and layout are
 * no difference; the order of `groups` is one, because earlier groups win. What is no YAML counts as empty.
 */
export function intentChanges(before: string, after: string): readonly IntentChange[] {
  if (before === after) return [];
  return changesBelow(valueOf(before), valueOf(after), []);
}

/** The values of a cluster file; `undefined` for what is no YAML. */
export function valueOf(text: string): Json | undefined {
  return readYaml("cluster.yaml", text).value;
}

/** What differs between two values. */
export function changesBelow(before: Json | undefined, after: Json | undefined, path: readonly string[]): readonly IntentChange[] {
  if (!isMap(before) || !isMap(after)) return sameValue(before, after) ? [] : [{ path, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const below = keys.flatMap((key) => changesBelow(own(before, key), own(after, key), [...path, key]));
  const isOrdered = path.length === 1 && path[0] === "groups";
  const order = (map: JsonMap, other: JsonMap): readonly string[] => Object.keys(map).filter((key) => Object.hasOwn(other, key));
  if (isOrdered && !sameValue(order(before, after), order(after, before))) return [...below, { path, before, after }];
  return below;
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => (isMap(at) ? own(at, key) : undefined), value);
}

/** True for a value that has keys. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as JSON, whatever the order of keys. */
export function sameValue(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((each, at) => sameValue(each, other[at]));
  if (!isMap(one) || !isMap(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && sameValue(one[key], other[key]));
}

/** True when one path is the other or lies below it. */
export function overlap(one: readonly string[], other: readonly string[]): boolean {
  const shorter = Math.min(one.length, other.length);
  return one.slice(0, shorter).every((key, at) => key === other[at]);
}

/** A path as people write it. */
export function pathText(path: readonly string[]): string {
  return path.length === 0 ? "(the whole file)" : path.join(".");
}

function own(map: JsonMap, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
