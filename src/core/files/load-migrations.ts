import { problem } from "../errors.ts";
import type { Attribute } from "../model/barclamp.ts";
import type { BarclampFile } from "../model/barclamp-file.ts";
import type { Migration, MigrationStep } from "../model/migration-file.ts";
import { compareVersions } from "../model/versions.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { defaultOf, reversed } from "./migration-path.ts";
import { partNames } from "./migration-steps.ts";
import type { YamlPath } from "./yaml-tree.ts";

/** The migrations of a barclamp. Problems: `MIGRATION_INVALID`. */
export function loadMigrations(
  file: Pick<BarclampFile, "version" | "migrations">,
  attributes: Readonly<Record<string, Attribute>>,
  context: BarclampContext,
): readonly Migration[] {
  const report = (path: YamlPath, message: string, hint?: string): void =>
    context.report(problem("MIGRATION_INVALID", { message, at: context.tree.valuePlace(path), ...(hint === undefined ? {} : { hint }) }));
  const written = file.migrations ?? [];
  return written.map(({ to, up, down }, index) => {
    const path = ["migrations", index];
    const before = written[index - 1];
    if (before !== undefined && compareVersions(before.to, to) >= 0)
      report([...path, "to"], `The migration to ${to} stands behind that to ${before.to}; they go from old to new, one per version.`);
    if (compareVersions(to, file.version) > 0)
      report([...path, "to"], `The migration leads to ${to}, which is newer than this version, ${file.version}.`);
    const isLast = index === written.length - 1;
    const steps: readonly (readonly [string, readonly MigrationStep[]])[] = [
      ["up", up],
      ["down", down ?? []],
    ];
    for (const [way, list] of steps)
      for (const [at, step] of list.entries())
        for (const fault of stepFaults(step, way === "up" && isLast ? attributes : undefined)) report([...path, way, at], fault);
    const back = down ?? reversed(up, defaultOf(attributes));
    if (back === undefined)
      report(
        [...path, "up"],
        `A step of the migration to ${to} has no reverse.`,
        "Give the conversion a `pattern` for the way back, or write `down`.",
      );
    return { to, up, down: back ?? [] };
  });
}

/** What is wrong with a step by itself, and with the attributes that it leads to where these are known. */
function stepFaults(step: MigrationStep, attributes: Readonly<Record<string, Attribute>> | undefined): readonly string[] {
  const { rename, split, join, convert } = step;
  const faults: string[] = [];
  const lead = (name: string): void => {
    const attribute = attributes === undefined || Object.hasOwn(attributes, name) ? attributes?.[name] : null;
    if (attribute === null) faults.push(`It leads to \`${name}\`, which is no attribute of this version`);
    if (attribute?.type === "secret")
      faults.push(`\`${name}\` is a secret: its sealed value is kept under its name, so it cannot be carried over`);
  };
  if (rename !== undefined) lead(rename.to);
  const parts = split ?? join;
  if (parts !== undefined) {
    if (!isPattern(parts.pattern)) return ["`pattern` is not a regular expression."];
    const names = partNames(parts);
    const unwritten = names.filter((name) => !parts.text.includes(`{${name}}`));
    if (names.length === 0) faults.push("`pattern` has no named groups such as `(?<port>[0-9]+)`");
    if (unwritten.length > 0) faults.push(`\`text\` does not write ${unwritten.map((name) => `{${name}}`).join(", ")}`);
    if (names.includes(parts.whole)) faults.push(`\`${parts.whole}\` cannot be a part of itself`);
    if (split !== undefined) names.forEach(lead);
    else lead(parts.whole);
  }
  if (convert !== undefined) faults.push(...convertFaults(convert));
  return faults.map((each) => `${each}.`.replace(/\.\.$/u, "."));
}

function convertFaults({ from, to, values, text, pattern }: NonNullable<MigrationStep["convert"]>): readonly string[] {
  if (from === "secret" || to === "secret") return ["Secrets cannot be converted"];
  if (pattern !== undefined && (!isPattern(pattern) || !pattern.includes("(?<value>")))
    return ["`pattern` must be a regular expression with a group `(?<value>...)`"];
  if (text !== undefined && !text.includes("{value}")) return ["`text` does not write {value}"];
  if (values === undefined) return from === to ? ["A conversion within one type needs `values`, so that it is not done twice"] : [];
  const after = new Set(values.map(([, next]) => next));
  return values.some(([before, next]) => before !== next && after.has(before))
    ? ["A value stands on both sides of `values`, so it could be converted twice"]
    : [];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, "u").source !== "";
  } catch {
    return false;
  }
}
