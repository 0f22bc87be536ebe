import { HalliganError, fail, problem } from "../errors.ts";
import type { Cluster, ClusterNode } from "../model/cluster.ts";
import { expandRanges } from "../model/range.ts";
import { matchSelector, parseSelector } from "../model/selector.ts";
import { suggestion } from "../model/suggest.ts";
import type { Json } from "../ports.ts";
import { isMap, valueAt } from "./changes.ts";
import type { SettingWorld } from "./setting-edits.ts";

/** Where short paths shall stand; neither = where the file or the use of the barclamp leaves only one place. */
export interface SettingScope {
  readonly deployment?: string;
  /** A selector of nodes. */
  readonly node?: string;
}

/** A `set` map of the cluster file; `group` must be made with it when it is not there. */
export interface SettingPlace {
  readonly path: readonly string[];
  readonly group?: { readonly path: readonly string[]; readonly on: string };
}

/**
 * Finds the `set` map in which a setting shall stand.
 * @throws `DEPLOYMENT_UNKNOWN`, `SELECTOR_INVALID`, `NODE_UNKNOWN`, `SETTING_AMBIGUOUS`, `USAGE`.
 */
export function settingPlace(
  { barclamp, name }: { readonly barclamp: string; readonly name: string },
  { deployment, node }: SettingScope,
  { value, loaded }: SettingWorld,
  removing: boolean,
): SettingPlace {
  if (deployment !== undefined && node !== undefined)
    throw fail("USAGE", { message: "A setting stands in a deployment or at nodes, not in both.", hint: "Give --deployment or --node." });
  if (deployment !== undefined) return ofDeployment(deployment, loaded.cluster);
  if (node !== undefined) return ofNodes(node, value, loaded.cluster);
  const written = placesOf(value).filter((path) => valueAt(value, [...path, barclamp, name]) !== undefined);
  const users = loaded.cluster.deployments.filter((each) => each.place.some(({ role }) => hasRole(loaded, barclamp, role)));
  const [place, ...others] = written.length > 0 || removing ? written : users.map((each) => ["deployments", each.name, "set"]);
  if (place !== undefined && others.length === 0) return { path: place };
  const choices =
    written.length > 0
      ? written.map((path) => path.slice(0, -1).join(".") || "the whole cluster (`set.`)")
      : users.map((each) => `deployment ${each.name}`);
  const message =
    choices.length === 0
      ? `\`${barclamp}.${name}\` stands nowhere yet, and no deployment uses barclamp ${barclamp}.`
      : `\`${barclamp}.${name}\` could stand in several places: ${choices.join(", ")}.`;
  throw fail("SETTING_AMBIGUOUS", {
    message,
    hint: `Say where: --deployment NAME, --node SELECTOR, or \`set.${barclamp}.${name}\` for the whole cluster.`,
  });
}

function hasRole({ barclamps }: SettingWorld["loaded"], barclamp: string, role: string): boolean {
  const known = barclamps.get(barclamp);
  return known !== undefined && Object.hasOwn(known.roles, role);
}

/** Every place of the file in which settings can stand. */
function placesOf(value: Json): readonly (readonly string[])[] {
  const below = (top: string): readonly (readonly string[])[] => {
    const map = valueAt(value, [top]);
    return isMap(map) ? Object.keys(map).map((name) => [top, name, "set"]) : [];
  };
  return [["set"], ...below("groups"), ...below("nodes"), ...below("deployments")];
}

function ofDeployment(name: string, { deployments }: Cluster): SettingPlace {
  if (deployments.some((each) => each.name === name)) return { path: ["deployments", name, "set"] };
  const hint = suggestion(
    name,
    deployments.map((each) => each.name),
  );
  throw fail("DEPLOYMENT_UNKNOWN", { message: `There is no deployment ${name} in the cluster file.`, hint });
}

/** A key of `nodes` that stands for exactly these nodes, a group that picks exactly them, or a new group for them. */
function ofNodes(text: string, value: Json, { nodes, groups }: Cluster): SettingPlace {
  const named = nodes.find((each) => each.name === text);
  const parsed = parseSelector(named === undefined ? text : `name=${text}`);
  if (!parsed.ok)
    throw new HalliganError([
      problem("SELECTOR_INVALID", { message: `The selector \`${text.slice(0, 200)}\` is not valid: ${parsed.message}.` }),
    ]);
  const chosen = nodes.filter((each) => matchSelector(parsed.selector, each));
  if (chosen.length === 0)
    throw fail("NODE_UNKNOWN", { message: `\`${text.slice(0, 200)}\` selects no node.`, hint: "`halligan nodes` lists them." });
  const key = keyFor(chosen, value);
  if (key !== undefined) return { path: ["nodes", key, "set"] };
  const known = groups.find((group) =>
    sameNodes(
      nodes.filter((each) => matchSelector(group.on, each)),
      chosen,
    ),
  );
  if (known !== undefined) return { path: ["groups", known.name, "set"] };
  const on = named === undefined ? text : `name=${text}`;
  const group = freeName(text, new Set(groups.map((each) => each.name)));
  return { path: ["groups", group, "set"], group: { path: ["groups", group], on } };
}

function keyFor(chosen: readonly ClusterNode[], value: Json): string | undefined {
  const map = valueAt(value, ["nodes"]);
  const names = chosen
    .map((each) => each.name)
    .toSorted()
    .join(" ");
  return Object.keys(isMap(map) ? map : {}).find((key) => {
    const expanded = expandRanges(key);
    return expanded.ok && [...expanded.values].toSorted().join(" ") === names;
  });
}

function sameNodes(some: readonly ClusterNode[], others: readonly ClusterNode[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function freeName(text: string, taken: ReadonlySet<string>): string {
  const words = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, 50)
    .replace(/-+$/u, "");
  const name = words === "" ? "nodes" : words;
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(free)) return free;
  }
}
