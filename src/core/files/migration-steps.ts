import { checkValue } from "../model/attributes.ts";
import type { ValueType } from "../model/barclamp.ts";
import type { MigrationStep } from "../model/migration-file.ts";
import type { Json } from "../ports.ts";

/** Settings of one barclamp in one place. */
export type PlainSettings = Readonly<Record<string, Json>>;

/** What steps need to know beside the settings that they change. */
export interface StepWorld {
  /** Types of the attributes that the version in use has; undefined = not known, as for a version that is gone. */
  readonly present: Readonly<Record<string, ValueType>> | undefined;
  /** Attributes that are set in other places too: parts of one whole must stand together. */
  readonly elsewhere: ReadonlySet<string>;
}

/** What a step made of settings; `faults` are clauses without a full stop, by the attribute that they are about. */
export interface StepOutcome {
  readonly set: PlainSettings;
  readonly moved: readonly { readonly from: string; readonly to: readonly string[] }[];
  readonly faults: readonly { readonly attribute: string; readonly message: string }[];
}

type Parts = NonNullable<MigrationStep["split"]>;

/**
 * Carries settings over by one step. A step that has nothing to do changes nothing, so that settings which were carried over already stay as they
 * are: attributes that the version in use has are never taken for those of another version. `default` is judged for a whole cluster file, not here.
 */
export function applyStep(step: MigrationStep, set: PlainSettings, world: StepWorld): StepOutcome {
  const { rename, split, join, convert, remove } = step;
  if (rename !== undefined) return renameOne(rename, set, world);
  if (split !== undefined) return splitOne(split, set, world);
  if (join !== undefined) return joinParts(join, set, world);
  if (convert !== undefined) return convertOne(convert, set);
  if (remove !== undefined)
    return isOld(remove.attribute, set, world) ? moved(without(set, remove.attribute), remove.attribute, []) : nothing(set);
  return nothing(set);
}

/** Set, and not an attribute of the version in use. */
function isOld(attribute: string, set: PlainSettings, { present }: StepWorld): boolean {
  return Object.hasOwn(set, attribute) && (present === undefined || !Object.hasOwn(present, attribute));
}

function renameOne({ from, to }: NonNullable<MigrationStep["rename"]>, set: PlainSettings, world: StepWorld): StepOutcome {
  if (!isOld(from, set, world)) return nothing(set);
  if (Object.hasOwn(set, to)) return fault(set, from, `\`${from}\` is now \`${to}\`, and both are set`);
  const entries = Object.entries(set).map(([name, value]) => [name === from ? to : name, value] as const);
  return moved(Object.fromEntries(entries), from, [to]);
}

function splitOne(parts: Parts, set: PlainSettings, world: StepWorld): StepOutcome {
  const { whole } = parts;
  if (!isOld(whole, set, world)) return nothing(set);
  const value = set[whole] ?? null;
  const groups = typeof value === "object" ? undefined : new RegExp(`^(?:${parts.pattern})$`, "u").exec(String(value))?.groups;
  if (groups === undefined)
    return fault(set, whole, `\`${whole}\` is now ${listed(partNames(parts))}, and its value is not of the form ${parts.text}`);
  const found = Object.entries(groups).filter(([, text]) => text !== undefined);
  const both = found.map(([name]) => name).filter((name) => Object.hasOwn(set, name));
  if (both.length > 0) return fault(set, whole, `\`${whole}\` is now ${listed(partNames(parts))}, and ${listed(both)} is set beside it`);
  const made = Object.fromEntries(found.map(([name, text]) => [name, typed(text, world.present?.[name])]));
  const names = found.map(([name]) => name);
  return moved({ ...without(set, whole), ...made }, whole, names);
}

function joinParts(parts: Parts, set: PlainSettings, world: StepWorld): StepOutcome {
  const { whole, text, defaults = {} } = parts;
  const names = partNames(parts);
  const old = names.filter((name) => isOld(name, set, world));
  const [first] = old;
  if (first === undefined) return nothing(set);
  if (Object.hasOwn(set, whole)) return fault(set, first, `${listed(names)} are now \`${whole}\`, and both are set`);
  const missing = names.filter((name) => !Object.hasOwn(set, name));
  const apart = missing.filter((name) => world.elsewhere.has(name));
  if (apart.length > 0) return fault(set, first, `${listed(names)} are now \`${whole}\`, and ${listed(apart)} is set in another place`);
  const unknown = missing.filter((name) => !Object.hasOwn(defaults, name));
  if (unknown.length > 0) return fault(set, first, `${listed(names)} are now \`${whole}\`, and ${listed(unknown)} is not set`);
  if (names.some((name) => typeof set[name] === "object")) return fault(set, first, `\`${first}\` is no single value`);
  const filled = text.replace(/\{([a-zA-Z][a-zA-Z0-9_]*)\}/gu, (_all, name: string) => plainText(set[name] ?? defaults[name] ?? ""));
  const rest = Object.fromEntries(Object.entries(set).filter(([name]) => !names.includes(name)));
  return {
    set: { ...rest, [whole]: typed(filled, world.present?.[whole] ?? "string") },
    moved: old.map((from) => ({ from, to: [whole] })),
    faults: [],
  };
}

function convertOne(
  { attribute, from, to, values, text, pattern }: NonNullable<MigrationStep["convert"]>,
  set: PlainSettings,
): StepOutcome {
  const value = Object.hasOwn(set, attribute) ? set[attribute] : undefined;
  if (value === undefined) return nothing(set);
  const put = (next: Json): StepOutcome => moved({ ...set, [attribute]: next }, attribute, [attribute]);
  if (values !== undefined) {
    const pair = values.find(([before]) => before === value);
    if (pair !== undefined) return put(pair[1]);
    return fits(to, value) ? nothing(set) : fault(set, attribute, `\`${attribute}\` has a value that is not known`);
  }
  if (fits(to, value) || !fits(from, value)) return nothing(set);
  if (to === "list") return put([value]);
  if (from === "list" && Array.isArray(value)) {
    const [only] = value as readonly Json[];
    return value.length === 1 && only !== undefined
      ? put(only)
      : fault(set, attribute, `\`${attribute}\` is now one value, and ${value.length} are set`);
  }
  if (typeof value === "object") return fault(set, attribute, `\`${attribute}\` is no single value`);
  // a step with a text goes forward; the pattern beside it is for the way back
  const inner =
    pattern === undefined || text !== undefined
      ? String(value)
      : new RegExp(`^(?:${pattern})$`, "u").exec(String(value))?.groups?.["value"];
  if (inner === undefined) return fault(set, attribute, `\`${attribute}\` has a value of a form that is not known`);
  const next = typed(text === undefined ? inner : text.replaceAll("{value}", () => inner), to);
  return fits(to, next) ? put(next) : fault(set, attribute, `\`${attribute}\` becomes no ${to}`);
}

/** The attributes that hold the parts: the named groups of the pattern. */
export function partNames({ pattern }: Parts): readonly string[] {
  return [...pattern.matchAll(/\(\?<([a-zA-Z][a-zA-Z0-9_]*)>/gu)].map((match) => match[1] ?? "");
}

function fits(type: ValueType, value: Json): boolean {
  return checkValue({ type }, value).ok;
}

/** A text as a value of a type; of no known type, as YAML would read it. */
function typed(text: string, type: ValueType | undefined): Json {
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?$/u.test(text);
  switch (type) {
    case "integer":
    case "number":
    case "port":
      return isNumber ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case undefined:
      return isNumber ? Number(text) : text === "true" ? true : text === "false" ? false : text;
    case "string":
    case "duration":
    case "size":
    case "url":
    case "address":
    case "list":
    case "map":
    case "secret":
      return text;
    default:
      return type satisfies never;
  }
}

/** A single value as it is written into a text. */
function plainText(value: Json): string {
  return typeof value === "object" ? "" : String(value);
}

function without(set: PlainSettings, attribute: string): PlainSettings {
  return Object.fromEntries(Object.entries(set).filter(([name]) => name !== attribute));
}

function nothing(set: PlainSettings): StepOutcome {
  return { set, moved: [], faults: [] };
}

function moved(set: PlainSettings, from: string, to: readonly string[]): StepOutcome {
  return { set, moved: [{ from, to }], faults: [] };
}

function fault(set: PlainSettings, attribute: string, message: string): StepOutcome {
  return { set, moved: [], faults: [{ attribute, message }] };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" and ");
}
