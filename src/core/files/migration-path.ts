import type { Attribute } from "../model/barclamp.ts";
import type { Migration, MigrationStep } from "../model/migration-file.ts";
import { compareVersions } from "../model/versions.ts";
import type { Json } from "../ports.ts";

/** A step the other way; undefined where what was cannot be known. `now`: default of an attribute after the step. */
function invertStep(step: MigrationStep, now: (attribute: string) => Json | undefined): MigrationStep | undefined {
  const { rename, split, join, convert, remove } = step;
  if (rename !== undefined) return { rename: { from: rename.to, to: rename.from } };
  if (split !== undefined) return { join: split };
  if (join !== undefined) return { split: join };
  if (convert !== undefined) return invertConvert(convert);
  // What was taken away stays away: the version before has a default, or asks for it.
  if (remove !== undefined) return { remove };
  if (step.default === undefined) return undefined;
  const was = now(step.default.attribute);
  return was === undefined ? undefined : { default: { attribute: step.default.attribute, was } };
}

function invertConvert(convert: NonNullable<MigrationStep["convert"]>): MigrationStep | undefined {
  const { attribute, from, to, values, text, pattern } = convert;
  const back = { attribute, from: to, to: from };
  if (values !== undefined) {
    const after = values.map(([, next]) => next);
    return new Set(after).size === after.length
      ? { convert: { ...back, values: values.map(([before, next]) => [next, before]) } }
      : undefined;
  }
  if (to === "list" || from === "list") return { convert: back };
  if (text === undefined) return pattern === undefined ? { convert: back } : undefined;
  return pattern === undefined ? undefined : { convert: { ...back, pattern } };
}

/** The way back of a migration: the reverse of `up`; undefined where a step has no reverse, and `down` must be written. */
export function reversed(up: readonly MigrationStep[], now: (attribute: string) => Json | undefined): readonly MigrationStep[] | undefined {
  const down: MigrationStep[] = [];
  for (const step of up.toReversed()) {
    const back = invertStep(step, now);
    if (back === undefined) return undefined;
    down.push(back);
  }
  return down;
}

/** Default of an attribute as it is now. */
export function defaultOf(attributes: Readonly<Record<string, Pick<Attribute, "default">>>): (attribute: string) => Json | undefined {
  return (attribute) => (Object.hasOwn(attributes, attribute) ? attributes[attribute]?.default : undefined);
}

/** The steps from one version to another, in their order. `migrations` are those of the newer of the two. */
export function stepsBetween(migrations: readonly Migration[], from: string, to: string): readonly MigrationStep[] {
  const within = (low: string, high: string): readonly Migration[] =>
    migrations.filter((each) => compareVersions(each.to, low) > 0 && compareVersions(each.to, high) <= 0);
  if (compareVersions(from, to) <= 0) return within(from, to).flatMap((each) => each.up);
  return within(to, from)
    .toReversed()
    .flatMap((each) => each.down);
}

/**
 * What a cluster file's settings still need after a change of version, beyond what the version in use declares itself: defaults that were, and the
 * way back to an older version. What was noted on the way in the other direction and not written since is not needed any more: it is taken out, not
 * taken back. `migrations` are those of the newer of the two.
 */
export function carryAfter(
  pending: readonly MigrationStep[],
  migrations: readonly Migration[],
  from: string,
  to: string,
): readonly MigrationStep[] {
  const isUp = compareVersions(from, to) <= 0;
  const [low, high] = isUp ? [from, to] : [to, from];
  const between = migrations.filter((each) => compareVersions(each.to, low) > 0 && compareVersions(each.to, high) <= 0);
  return (isUp ? between : between.toReversed()).reduce((steps, { up, down }) => {
    const kept = up.filter((step) => step.default !== undefined);
    const [mine, other] = isUp ? [kept, down] : [down, kept];
    return without(steps, other) ?? [...steps, ...mine];
  }, pending);
}

/** Steps without those that they end with; undefined where they do not. */
function without(steps: readonly MigrationStep[], last: readonly MigrationStep[]): readonly MigrationStep[] | undefined {
  const start = steps.length - last.length;
  if (last.length === 0 || start < 0 || JSON.stringify(steps.slice(start)) !== JSON.stringify(last)) return undefined;
  return steps.slice(0, start);
}
