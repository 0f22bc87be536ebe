import { type Problem, problem } from "../errors.ts";
import type { Barclamp, ValueType } from "../model/barclamp.ts";
import type { MigrationStep } from "../model/migration-file.ts";
import type { Json } from "../ports.ts";
import { applyStep, type PlainSettings } from "./migration-steps.ts";

/** One place of a cluster file where settings of one barclamp stand. */
export interface SettingsPlace {
  /** `deployments.web.set`, as in `cluster.places`. */
  readonly path: string;
  readonly set: PlainSettings;
  /** A deployment that places a role of the barclamp: defaults that were are kept here. */
  readonly uses: boolean;
}

/** Settings after they were carried over, place by place. */
export interface CarriedSettings {
  readonly sets: ReadonlyMap<string, PlainSettings>;
  /** Where a setting stands now, by where it stood: paths as in `cluster.places`. */
  readonly origins: ReadonlyMap<string, string>;
  readonly notes: readonly { readonly path: string; readonly problem: Problem }[];
}

/** The steps that settings need: those that the barclamp declares, which find by themselves what is old, and those that are known from the lock file. */
function stepsFor(barclamp: Barclamp, carry: readonly MigrationStep[]): readonly MigrationStep[] {
  return [...barclamp.migrations.flatMap((each) => each.up.filter((step) => step.default === undefined)), ...carry];
}

/** Carries the settings of one barclamp over to the version in use. Problems: `SETTING_CARRIED` (a warning), `SETTING_NOT_CARRIED`. Pure. */
export function carrySettings(barclamp: Barclamp, carry: readonly MigrationStep[], places: readonly SettingsPlace[]): CarriedSettings {
  const carrying = new Carrying(barclamp, places);
  stepsFor(barclamp, carry).forEach((step, index, all) => carrying.apply(step, all.slice(index + 1)));
  return carrying.result();
}

/** What has been carried over so far. */
class Carrying {
  readonly #barclamp: Barclamp;
  readonly #places: readonly SettingsPlace[];
  readonly #present: Readonly<Record<string, ValueType>>;
  readonly #sets: Map<string, PlainSettings>;
  /** Setting now -> setting in the file. */
  readonly #origins = new Map<string, string>();
  /** Settings of the file that something was done with: their places, and what holds their values now. */
  readonly #moved = new Map<string, { readonly path: string; readonly now: Set<string> }>();
  readonly #kept: { path: string; problem: Problem }[] = [];
  readonly #faults = new Map<string, string>();

  constructor(barclamp: Barclamp, places: readonly SettingsPlace[]) {
    this.#barclamp = barclamp;
    this.#places = places;
    this.#present = Object.fromEntries(Object.entries(barclamp.attributes).map(([name, { type }]) => [name, type]));
    this.#sets = new Map(places.map(({ path, set }) => [path, set]));
  }

  /** `rest`: the steps that come after it. */
  apply(step: MigrationStep, rest: readonly MigrationStep[]): void {
    if (step.default !== undefined) this.#keepDefault(step.default, rest);
    for (const { path } of this.#places) {
      const elsewhere = new Set([...this.#sets].flatMap(([other, set]) => (other === path ? [] : Object.keys(set))));
      const { set, moved, faults } = applyStep(step, this.#sets.get(path) ?? {}, { present: this.#present, elsewhere });
      this.#sets.set(path, set);
      /** Where several become one, it stands where the first of them stood. */
      const placed = new Set<string>();
      for (const { from, to } of moved) {
        const old = this.#origin(path, from);
        if (!this.#moved.has(old)) this.#moved.set(old, { path, now: new Set([from]) });
        for (const each of this.#moved.values()) if (each.path === path && each.now.delete(from)) for (const name of to) each.now.add(name);
        for (const name of to) if (!placed.has(name)) this.#origins.set(this.#at(path, name), old);
        for (const name of to) placed.add(name);
      }
      for (const { attribute, message } of faults) this.#faults.set(this.#origin(path, attribute), message);
    }
  }

  result(): CarriedSettings {
    const { name, version } = this.#barclamp;
    const carried = [...this.#moved]
      .filter(([old]) => !this.#faults.has(old))
      .map(([old, { path, now }]) => ({ path: old, problem: problem("SETTING_CARRIED", { message: this.#words(old, path, now) }) }));
    const faults = [...this.#faults].map(([old, message]) => ({
      path: old,
      problem: problem("SETTING_NOT_CARRIED", { message: `\`${old}\` does not fit ${name} ${version}: ${message}.` }),
    }));
    return { sets: this.#sets, origins: this.#origins, notes: [...carried, ...this.#kept, ...faults] };
  }

  #words(old: string, path: string, names: ReadonlySet<string>): string {
    const { name, version } = this.#barclamp;
    const set = this.#sets.get(path) ?? {};
    const now = Object.entries(set).filter(([attribute]) => names.has(attribute));
    if (now.length === 0) return `\`${old}\` does nothing any more: ${name} ${version} has no such setting.`;
    const values = now.map(([attribute, value]) => `\`${attribute}: ${JSON.stringify(value)}\``).join(" and ");
    return `\`${old}\` is written for another version of ${name}; for ${version} it is taken as ${values}.`;
  }

  /** A default that was is kept where neither the place nor one above all deployments sets the attribute, under any name that it gets by the rest. */
  #keepDefault({ attribute, was }: NonNullable<MigrationStep["default"]>, rest: readonly MigrationStep[]): void {
    const names = this.#namesLater(attribute, was as Json, rest);
    const isSet = (set: PlainSettings): boolean => [attribute, ...names].some((each) => Object.hasOwn(set, each));
    if (names.length === 0 || isSet(this.#sets.get("set") ?? {})) return;
    const { name, version } = this.#barclamp;
    for (const { path, uses } of this.#places) {
      const set = this.#sets.get(path) ?? {};
      if (!uses || isSet(set)) continue;
      this.#sets.set(path, { ...set, [attribute]: was as Json });
      const message = `\`${this.#at(path, attribute)}\` is not set; it stays ${JSON.stringify(was)}, its default before ${name} ${version} came.`;
      const hint = `\`halligan barclamp update --propose\` proposes to write it; \`halligan barclamp update ${name} --carried\` takes the default of ${version}.`;
      this.#kept.push({ path: path.replace(/\.set$/u, ""), problem: problem("SETTING_CARRIED", { message, hint }) });
    }
  }

  /** The attributes of the version in use that hold a value after the steps that are left; none where they lead to another version's. */
  #namesLater(attribute: string, value: Json, rest: readonly MigrationStep[]): readonly string[] {
    const world = { present: this.#present, elsewhere: new Set<string>() };
    const left = rest.reduce<PlainSettings>((set, step) => applyStep(step, set, world).set, { [attribute]: value });
    const names = Object.keys(left);
    return names.every((name) => Object.hasOwn(this.#present, name)) ? names : [];
  }

  #at(path: string, attribute: string): string {
    return `${path}.${this.#barclamp.name}.${attribute}`;
  }

  /** Where in the file a setting stood before any step. */
  #origin(path: string, attribute: string): string {
    return this.#origins.get(this.#at(path, attribute)) ?? this.#at(path, attribute);
  }
}
