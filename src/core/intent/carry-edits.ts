import { carrySettings, type SettingsPlace } from "../files/carry-over.ts";
import type { CarrySteps } from "../files/carry-cluster.ts";
import { readYaml } from "../files/yaml-tree.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";
import { isMap, sameValue, valueAt } from "./changes.ts";
import { editYaml, type YamlEdit } from "./yaml-edit.ts";

type PathedPlace = SettingsPlace & { readonly keys: readonly string[] };

/**
 * A cluster file's text with its settings as the barclamps in use want them; comments, order and layout of everything else stay.
 * @throws `EDIT_REFUSED` where the text has no room for that.
 */
export function carriedText(text: string, barclamps: ReadonlyMap<string, Barclamp>, carry: CarrySteps): string {
  let now = text;
  for (const barclamp of barclamps.values()) {
    const steps = carry.get(barclamp.name) ?? [];
    if (barclamp.migrations.length === 0 && steps.length === 0) continue;
    const places = placesOf(readYaml("cluster.yaml", now).value ?? null, barclamp);
    const { sets, origins } = carrySettings(barclamp, steps, places);
    now = places.flatMap((place) => editsOf(place, barclamp.name, sets.get(place.path) ?? {}, origins)).reduce(editYaml, now);
  }
  return now;
}

/** Places of settings as the file has them: nodes that are written together are one place. */
function placesOf(value: Json, barclamp: Barclamp): readonly PathedPlace[] {
  const setAt = (keys: readonly string[]): SettingsPlace["set"] => {
    const set = valueAt(value, [...keys, barclamp.name]);
    return isMap(set) ? set : {};
  };
  const below = (top: string, uses: (key: string) => boolean): readonly PathedPlace[] => {
    const map = valueAt(value, [top]);
    return Object.keys(isMap(map) ? map : {}).map((key) => {
      const keys = [top, key, "set"];
      return { path: keys.join("."), keys, set: setAt(keys), uses: uses(key) };
    });
  };
  const placesRole = (deployment: string): boolean => {
    const place = valueAt(value, ["deployments", deployment, "place"]);
    return isMap(place) && Object.keys(barclamp.roles).some((role) => Object.hasOwn(place, role));
  };
  return [
    { path: "set", keys: ["set"], set: setAt(["set"]), uses: false },
    ...below("groups", () => false),
    ...below("nodes", () => false),
    ...below("deployments", placesRole),
  ];
}

/** What becomes something else stands where it stood, with its comments; `origins`: where a setting stood, by where it stands now. */
function editsOf(
  place: PathedPlace,
  barclamp: string,
  after: SettingsPlace["set"],
  origins: ReadonlyMap<string, string>,
): readonly YamlEdit[] {
  const { keys, set } = place;
  const path = (name: string): readonly string[] => [...keys, barclamp, name];
  const origin = (name: string): string | undefined => origins.get(`${place.path}.${barclamp}.${name}`);
  const gone = Object.keys(set).filter((name) => !Object.hasOwn(after, name));
  const heirs = new Map<string, string>();
  for (const name of gone) {
    const heir = Object.keys(after).find((each) => !Object.hasOwn(set, each) && origin(each) === `${place.path}.${barclamp}.${name}`);
    if (heir !== undefined) heirs.set(name, heir);
  }
  const renamed = new Map([...heirs].map(([name, heir]) => [heir, set[name]]));
  return [
    ...[...heirs].map(([name, heir]): YamlEdit => ({ do: "rename", path: path(name), to: heir })),
    ...Object.entries(after)
      .filter(([name, value]) => !sameValue(renamed.has(name) ? renamed.get(name) : set[name], value))
      .map(([name, value]): YamlEdit => ({ do: "set", path: path(name), value })),
    ...gone.filter((name) => !heirs.has(name)).map((name): YamlEdit => ({ do: "remove", path: path(name) })),
  ];
}
