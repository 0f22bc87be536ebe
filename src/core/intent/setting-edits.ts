import { HalliganError, type Problem, problem } from "../errors.ts";
import { clusterFileSchema } from "../model/cluster-file.ts";
import type { LoadedCluster } from "../house.ts";
import type { Attribute } from "../model/barclamp.ts";
import { suggestion } from "../model/suggest.ts";
import type { Json } from "../ports.ts";
import { isMap, pathText, valueAt } from "./changes.ts";
import { type SettingScope, settingPlace } from "./setting-place.ts";
import { looseValue, valueFor } from "./setting-values.ts";
import type { YamlEdit } from "./yaml-edit.ts";

/** What a person wants to set: `PATH=VALUE` each, paths to take away, and where short paths shall stand. */
export interface SettingWish {
  readonly changes: readonly string[];
  readonly unset: readonly string[];
  readonly scope: SettingScope;
}

/** What is known about the cluster file that is changed. */
export interface SettingWorld {
  readonly value: Json;
  readonly loaded: LoadedCluster;
}

type Target = { readonly path: readonly string[]; readonly first: boolean; readonly attribute?: Attribute; readonly deep: boolean };

/**
 * Turns what was typed into edits of the cluster file.
 * @throws everything that is wrong, at once: `USAGE`, `BARCLAMP_UNKNOWN`, `SETTING_UNKNOWN`, `SETTING_AMBIGUOUS`, `VALUE_INVALID`,
 * `SECRET_LITERAL`, `KEY_UNKNOWN`, and those of a selector.
 */
export function settingEdits(wish: SettingWish, world: SettingWorld): readonly YamlEdit[] {
  const problems: Problem[] = [];
  const edits: YamlEdit[] = [];
  let value = world.value;
  const collect = (work: () => YamlEdit | readonly YamlEdit[]): void => {
    try {
      const made = work();
      edits.push(...(Array.isArray(made) ? (made as readonly YamlEdit[]) : [made as YamlEdit]));
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      problems.push(...error.problems);
    }
  };
  for (const change of wish.changes) collect(() => oneEdit(change, wish.scope, { ...world, value }, (next) => (value = next)));
  for (const path of wish.unset) collect(() => ({ do: "remove", path: targetOf(path, wish.scope, world, { removing: true }).path }));
  problems.push(...namedTwice(edits));
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  return edits;
}

/** One place, written twice: nobody could tell which of the two was meant. */
function namedTwice(edits: readonly YamlEdit[]): readonly Problem[] {
  const places = edits.map(({ path }) => pathText(path));
  const twice = new Set(places.filter((place, index) => places.indexOf(place) !== index));
  return [...twice].map((place) =>
    problem("USAGE", { message: `\`${place}\` is given more than once.`, hint: "Give each place one value, or take it away, not both." }),
  );
}

function oneEdit(change: string, scope: SettingScope, world: SettingWorld, seen: (value: Json) => void): readonly YamlEdit[] {
  const at = change.indexOf("=");
  if (at <= 0)
    throw refuse(
      problem("USAGE", {
        message: `\`${at === 0 ? "=..." : shown(change)}\` is not PATH=VALUE.`,
        hint: "Write for example web.port=8080.",
      }),
    );
  const written = change.slice(0, at);
  const typed = change.slice(at + 1);
  const { path, first, attribute, deep, group } = targetOf(written, scope, world, { removing: false });
  if (attribute?.type === "secret" || isSecretPlace(path, typed)) throw refuse(secretRefusal(path, scope));
  const value = attribute === undefined || deep ? loose(path, typed, world.value) : typedValue(attribute, path, typed);
  const edits: YamlEdit[] = [];
  if (group !== undefined && valueAt(world.value, group.path) === undefined) {
    edits.push({ do: "set", path: [...group.path, "on"], value: group.on, first: true });
    seen(put(world.value, [...group.path, "on"], group.on));
  }
  edits.push({ do: "set", path, value, first });
  return edits;
}

function put(value: Json | undefined, path: readonly string[], leaf: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const map = isMap(value) ? value : {};
  return { ...map, [key]: put(map[key], rest, leaf) };
}

const topKeys: ReadonlySet<string> = new Set(Object.keys(clusterFileSchema.shape));

/** Where a path leads: a whole one as in provenance, or `BARCLAMP.ATTRIBUTE` in the place that the scope names. */
function targetOf(
  written: string,
  scope: SettingScope,
  world: SettingWorld,
  { removing }: { readonly removing: boolean },
): Target & { readonly group?: { readonly path: readonly string[]; readonly on: string } } {
  const names = written.split(".");
  if (names.some((each) => each === ""))
    throw refuse(
      problem("USAGE", { message: `\`${shown(written)}\` is no settings path.`, hint: "A path is names with dots between them." }),
    );
  const [top = ""] = names;
  const isShort = names.length >= 2 && (!topKeys.has(top) || (scope.deployment ?? scope.node) !== undefined);
  if (isShort) return short(names, scope, world, removing);
  if (!topKeys.has(top)) {
    const known = [...topKeys, ...world.loaded.barclamps.keys()];
    throw refuse(
      problem("KEY_UNKNOWN", {
        message: `\`${shown(written)}\` names no part of the cluster file and no barclamp.`,
        hint: suggestion(top, known),
      }),
    );
  }
  if (scope.deployment !== undefined || scope.node !== undefined)
    throw refuse(
      problem("USAGE", {
        message: "A whole path says by itself where the value stands; leave --deployment and --node away.",
        hint: `Write BARCLAMP.ATTRIBUTE with them.`,
      }),
    );
  return whole(withDots(names, world.value), world);
}

/** Keys with dots in them, as `secrets` has them: the longest run of names that is a key counts as one. */
function withDots(names: readonly string[], value: Json): readonly string[] {
  const path: string[] = [];
  let rest = [...names];
  while (rest.length > 0) {
    const here = valueAt(value, path);
    const inSecrets = path.at(-1) === "secrets" && rest.length >= 2 ? 2 : 1;
    let take = inSecrets;
    for (let length = rest.length; length > inSecrets; length -= 1)
      if (isMap(here) && Object.hasOwn(here, rest.slice(0, length).join("."))) {
        take = length;
        break;
      }
    path.push(rest.slice(0, take).join("."));
    rest = rest.slice(take);
  }
  return path;
}

function whole(path: readonly string[], world: SettingWorld): Target {
  const at = path[0] === "set" ? 0 : path[2] === "set" ? 2 : -1;
  const [barclamp, name] = at === -1 ? [] : [path[at + 1], path[at + 2]];
  if (path[0] === "nodes" && path[1] !== undefined) requireNodeKey(path[1], world);
  if (barclamp === undefined || name === undefined) return { path, first: false, deep: false };
  const known = world.loaded.barclamps.get(barclamp);
  if (known === undefined) return { path, first: false, deep: false };
  return { path, first: false, attribute: attributeOf(known.attributes, barclamp, name), deep: path.length > at + 3 };
}

/** A node whose name comes from a range has no place of its own in the file. */
function requireNodeKey(name: string, { value, loaded }: SettingWorld): void {
  const nodes = valueAt(value, ["nodes"]);
  if (isMap(nodes) && Object.hasOwn(nodes, name)) return;
  if (!loaded.cluster.nodes.some((each) => each.name === name)) return;
  throw refuse(
    problem("EDIT_REFUSED", {
      message: `Node ${name} is one of several that are written together, so nothing can be set for it alone there.`,
      hint: `Use the short path: \`halligan set BARCLAMP.ATTRIBUTE=VALUE --node ${name}\` makes a group for it.`,
    }),
  );
}

function short(names: readonly string[], scope: SettingScope, world: SettingWorld, removing: boolean): ReturnType<typeof targetOf> {
  const [barclamp = "", name = "", ...deeper] = names;
  const known = world.loaded.barclamps.get(barclamp);
  if (known === undefined)
    throw refuse(
      problem("BARCLAMP_UNKNOWN", {
        message: `Nothing in this cluster uses a barclamp \`${shown(barclamp)}\`.`,
        hint: suggestion(barclamp, world.loaded.barclamps.keys()),
      }),
    );
  const attribute = attributeOf(known.attributes, barclamp, name);
  const place = settingPlace({ barclamp, name }, scope, world, removing);
  const path = [...place.path, barclamp, name, ...deeper];
  return { path, first: false, attribute, deep: deeper.length > 0, ...(place.group === undefined ? {} : { group: place.group }) };
}

function attributeOf(attributes: Readonly<Record<string, Attribute>>, barclamp: string, name: string): Attribute {
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (attribute !== undefined) return attribute;
  throw refuse(
    problem("SETTING_UNKNOWN", {
      message: `Barclamp ${barclamp} has no attribute \`${shown(name)}\`.`,
      hint: suggestion(name, Object.keys(attributes)),
    }),
  );
}

function typedValue(attribute: Attribute, path: readonly string[], typed: string): Json {
  const read = valueFor(attribute, typed);
  if ("value" in read) return read.value;
  const [first, ...rest] = read.messages.map((message) => problem("VALUE_INVALID", { message: `\`${pathText(path)}\`: ${message}.` }));
  throw new HalliganError([first ?? problem("VALUE_INVALID", { message: `\`${pathText(path)}\` does not take this.` }), ...rest]);
}

/** A text stays a text where one stands now; all else is what YAML takes it for. */
function loose(path: readonly string[], typed: string, value: Json): Json {
  return typeof valueAt(value, path) === "string" && !/^[[{]/u.test(typed) ? typed : looseValue(typed);
}

/** Places where the schema wants a reference, and something else was typed. */
function isSecretPlace(path: readonly string[], typed: string): boolean {
  const isSsh = path.includes("ssh") && ["password", "passphrase", "becomePassword"].includes(path.at(-1) ?? "");
  const isSource = path.length === 4 && path[0] === "deployments" && path[2] === "secrets";
  return (isSsh || isSource) && !isMap(looseValue(typed));
}

/** Refuses a secret without repeating it. */
function secretRefusal(path: readonly string[], { deployment }: SettingScope): Problem {
  const isSsh = path.includes("ssh");
  const key = path[2] === "secrets" ? (path[3] ?? "") : path.slice(-2).join(".");
  const of = path[0] === "deployments" ? (path[1] ?? "DEPLOYMENT") : (deployment ?? "DEPLOYMENT");
  const hint = isSsh
    ? `Treat it as known to others (your shell may have kept it), and write a reference: \`halligan set '${pathText(path)}={ ask: true }'\`.`
    : `Treat it as known to others (your shell may have kept it). Write where it comes from: \`halligan set 'deployments.${of}.secrets.${key}={ generate: 32 }'\` (or ask, env, file), or give a value of your own with \`halligan secrets set ${key}\`.`;
  return problem("SECRET_LITERAL", {
    message: `\`${pathText(path)}\` is a secret, which must not be written into the cluster file; it was not kept anywhere.`,
    hint,
  });
}

function refuse(why: Problem): HalliganError {
  return new HalliganError([why]);
}

/** What was typed, in a message: bounded. */
function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
