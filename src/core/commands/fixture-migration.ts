import { type FilePlace, type Problem, problem } from "../errors.ts";
import { stepsBetween } from "../files/migration-path.ts";
import { applyStep, type PlainSettings, type StepWorld } from "../files/migration-steps.ts";
import { checkSchema } from "../files/schema-problems.ts";
import { readYaml } from "../files/yaml-tree.ts";
import { sameValue } from "../intent/changes.ts";
import { checkValue } from "../model/attributes.ts";
import type { Barclamp } from "../model/barclamp.ts";
import { migrationFixtureSchema } from "../model/fixture-migration-file.ts";
import { compareVersions } from "../model/versions.ts";
import type { Json } from "../ports.ts";
import type { FixtureResult } from "./fixture-run.ts";
import type { FoundBarclamp } from "./local.ts";

/** True for a fixture of migrations, by its key `migrate`. */
export function isMigrationFixture(text: string): boolean {
  return /^["']?migrate["']?\s*:/mu.test(text);
}

/** Runs one fixture of migrations: carries its settings over and compares. Problems in the result: those of the file, `MIGRATION_DIFFERS`, `VALUE_INVALID`. */
export function runMigrationFixture(found: FoundBarclamp, source: { readonly file: string; readonly text: string }): FixtureResult {
  const tree = readYaml(source.file, source.text);
  const { data, problems } = checkSchema(migrationFixtureSchema, tree.value ?? null, tree);
  const ended = (why: readonly Problem[]): FixtureResult => ({
    barclamp: found.name,
    file: source.file,
    role: null,
    title: data?.title ?? null,
    outcome: why.length === 0 ? "passed" : "failed",
    differences: [],
    problems: why,
  });
  if (data === undefined || tree.problems.length > 0) return ended([...tree.problems, ...problems]);
  const { barclamp } = found;
  if (barclamp === undefined) return ended(found.problems);
  const { from, to } = data.migrate;
  const newest = compareVersions(from, to) > 0 ? from : to;
  if (compareVersions(newest, barclamp.version) > 0)
    return ended([
      problem("MIGRATION_DIFFERS", {
        message: `The fixture speaks of version ${newest}, and the barclamp is ${barclamp.version}.`,
        at: tree.valuePlace(["migrate"]),
        hint: "Raise `version` in barclamp.yaml, or write versions that the barclamp knows.",
      }),
    ]);
  const { set, failed } = carry(barclamp, data.before as PlainSettings, from, to);
  const places = { tree: tree.valuePlace([data.fails === undefined ? "after" : "fails"]), isPresent: to === barclamp.version };
  return ended(
    data.fails === undefined
      ? compare(barclamp, data.after as PlainSettings, set, failed, places)
      : compareFaults(data.fails, failed, places.tree),
  );
}

/** Carries settings over. `failed`: what could not be, by the name that it has in `before`. */
function carry(
  barclamp: Barclamp,
  before: PlainSettings,
  from: string,
  to: string,
): { readonly set: PlainSettings; readonly failed: ReadonlyMap<string, string> } {
  const types = Object.fromEntries(Object.entries(barclamp.attributes).map(([name, { type }]) => [name, type]));
  const world: StepWorld = { present: to === barclamp.version ? types : undefined, elsewhere: new Set() };
  const failed = new Map<string, string>();
  /** Name of a setting now -> its name in `before`. */
  const origins = new Map<string, string>();
  let set = before;
  for (const step of stepsBetween(barclamp.migrations, from, to)) {
    if (step.default !== undefined && !Object.hasOwn(set, step.default.attribute))
      set = { ...set, [step.default.attribute]: step.default.was as Json };
    const outcome = applyStep(step, set, world);
    ({ set } = outcome);
    for (const { attribute, message } of outcome.faults) failed.set(origins.get(attribute) ?? attribute, message);
    for (const { from: old, to: names } of outcome.moved) for (const name of names) origins.set(name, origins.get(old) ?? old);
  }
  return { set, failed };
}

function compare(
  barclamp: Barclamp,
  expected: PlainSettings,
  actual: PlainSettings,
  failed: ReadonlyMap<string, string>,
  { tree: at, isPresent }: { readonly tree: FilePlace; readonly isPresent: boolean },
): readonly Problem[] {
  const differs = (message: string): Problem => problem("MIGRATION_DIFFERS", { message, at });
  const faults = [...failed].map(([, message]) => differs(`It cannot be carried over: ${message}.`));
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].toSorted();
  const shown = (set: PlainSettings, name: string): string => (Object.hasOwn(set, name) ? JSON.stringify(set[name]) : "nothing");
  const differences = names
    .filter((name) => !sameValue(expected[name], actual[name]))
    .map((name) => differs(`\`${name}\`: expected ${shown(expected, name)}, found ${shown(actual, name)}.`));
  if (faults.length + differences.length > 0 || !isPresent) return [...faults, ...differences];
  // What comes out must be settings that this version takes.
  return Object.entries(actual).flatMap(([name, value]): readonly Problem[] => {
    const attribute = Object.hasOwn(barclamp.attributes, name) ? barclamp.attributes[name] : undefined;
    if (attribute === undefined) return [differs(`\`${name}\` comes out, and ${barclamp.name} ${barclamp.version} has no such attribute.`)];
    const checked = checkValue(attribute, value);
    return checked.ok ? [] : checked.messages.map((message) => problem("VALUE_INVALID", { message: `\`${name}\`: ${message}.`, at }));
  });
}

function compareFaults(expected: readonly string[], failed: ReadonlyMap<string, string>, at: FilePlace): readonly Problem[] {
  const wanted = new Set(expected);
  return [
    ...[...failed].flatMap(([name, why]) =>
      wanted.has(name) ? [] : [problem("MIGRATION_DIFFERS", { message: `\`${name}\` was expected to be carried over: ${why}.`, at })],
    ),
    ...expected.flatMap((name) =>
      failed.has(name) ? [] : [problem("MIGRATION_DIFFERS", { message: `\`${name}\` was expected to fail, and was carried over.`, at })],
    ),
  ];
}
