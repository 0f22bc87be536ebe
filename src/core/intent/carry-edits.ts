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
    const { sets } = carrySettings(barclamp, steps, places);
    now = places.flatMap((place) => editsOf(place, barclamp.name, sets.get(place.path) ?? {})).reduce(editYaml, now);
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

function editsOf({ keys, set }: PathedPlace, barclamp: string, after: SettingsPlace["set"]): readonly YamlEdit[] {
  const path = (name: string): readonly string[] => [...keys, barclamp, name];
  const gone = Object.keys(set).filter((name) => !Object.hasOwn(after, name));
  return [
    ...Object.entries(after)
      .filter(([name, value]) => !sameValue(set[name], value))
      .map(([name, value]): YamlEdit => ({ do: "set", path: path(name), value })),
    ...gone.map((name): YamlEdit => ({ do: "remove", path: path(name) })),
  ];
}
