import type { Facts } from "../model/facts.ts";
import type { Json } from "../ports.ts";
import { stableFacts } from "./stable.ts";

/** One changed fact. An absent side (a disk that is new, a NIC that is gone) is `undefined`, unlike a fact that is null. */
export interface FactChange {
  /** `memory.totalBytes`, `nics[eth0].state`, `packages[nginx]`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

type Item = { readonly [key: string]: Json };

/** Lists of objects, by path, and what identifies an element. */
const keys: Readonly<Record<string, (item: Item) => string>> = {
  disks: (item) => joined(item, "name"),
  mounts: (item) => joined(item, "target"),
  nics: (item) => joined(item, "name"),
  listening: (item) => joined(item, "proto", "address", "port"),
  gaps: (item) => joined(item, "part"),
};

function joined(item: Item, ...fields: readonly string[]): string {
  return fields.map((field) => String(item[field] as string | number)).join(" ");
}

/**
 * What changed between two observations, in the order of the format. Elements of lists are matched by what identifies them (disk and
 * NIC name, mount target, socket address), so one more disk is one change. Compares the stable part (then it is empty exactly when the
 * digests are equal), or everything with `"all"`.
 */
export function diffFacts(before: Facts, after: Facts, part: "stable" | "all" = "stable"): readonly FactChange[] {
  const changes: FactChange[] = [];
  const pick = (facts: Facts): Json => (part === "all" ? facts : stableFacts(facts));
  compare("", pick(before), pick(after), changes);
  return changes;
}

function compare(path: string, before: Json | undefined, after: Json | undefined, changes: FactChange[]): void {
  if (before === after) return;
  const key = keys[path];
  if (key !== undefined && isItems(before) && isItems(after)) {
    const [old, now] = [byKey(before, key), byKey(after, key)];
    for (const name of bothKeys(old, now)) compare(`${path}[${name}]`, old.get(name), now.get(name), changes);
  } else if (isList(before) && isList(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.push({ path, before, after });
  } else if (isRecord(before) && isRecord(after)) {
    const named = path === "packages" || path === "tools";
    const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
    for (const name of bothKeys(old, now)) {
      const inner = named ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
      compare(inner, old.get(name), now.get(name), changes);
    }
  } else {
    changes.push({ path, before, after });
  }
}

/** Keys of both, those of `after` in their order, then those that are gone. */
function bothKeys(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): readonly string[] {
  return [...after.keys(), ...[...before.keys()].filter((name) => !after.has(name))];
}

function byKey(list: readonly Item[], key: (item: Item) => string): ReadonlyMap<string, Item> {
  return new Map(list.map((item) => [key(item), item]));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isItems(value: Json | undefined): value is readonly Item[] {
  return isList(value) && value.every(isRecord);
}

function isRecord(value: Json | undefined): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
