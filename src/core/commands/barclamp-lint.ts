import { z } from "zod";
import type { Problem } from "../errors.ts";
import type { Barclamp, Deprecation, Role } from "../model/barclamp.ts";
import { codes } from "../problems/codes.ts";
import { findBarclamps } from "./barclamp-find.ts";
import { defineCommand } from "./command.ts";
import { isMigrationFixture } from "./fixture-migration.ts";

/** Something that works and could be better. */
export interface Advice {
  /** `roles.web`, `attributes.port`. */
  readonly where: string;
  readonly message: string;
}

/** `barclamp lint`. */
export interface BarclampLintDocument {
  readonly halligan: 1;
  readonly kind: "barclamp-lint";
  readonly barclamps: readonly {
    readonly name: string;
    readonly folder: string;
    readonly problems: readonly Problem[];
    readonly advice: readonly Advice[];
  }[];
}

/** Checks barclamps and gives advice. */
export const barclampLintCommand = defineCommand({
  id: "barclamp lint",
  area: "barclamps",
  summary: "Check a barclamp, or all, and give advice",
  details: "Problems make the exit code 2; advice does not.",
  args: () => z.object({ name: z.string().min(1).optional().describe("Barclamp; default: all") }),
  positionals: ["name"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It reads the files of whoever writes the barclamp." },
  examples: [{ line: "halligan barclamp lint motd", does: "checks motd" }],
  async run(context, { name }) {
    const found = await findBarclamps(context.local, name);
    const barclamps = await Promise.all(
      found.map(async (each) => ({
        name: each.name,
        folder: each.folder,
        problems: each.problems,
        advice: each.barclamp === undefined ? [] : adviceFor(each.barclamp, await context.local.fixtures(each.folder)),
      })),
    );
    const document: BarclampLintDocument = { halligan: 1, kind: "barclamp-lint", barclamps };
    const first = barclamps.flatMap((each) => each.problems)[0];
    return { exit: first === undefined ? 0 : codes[first.code].exit, document: { ...document } };
  },
});

/** What could be better about a barclamp that is valid. Pure. */
function adviceFor(barclamp: Barclamp, fixtures: readonly { readonly text: string }[]): readonly Advice[] {
  const advice: Advice[] = [];
  if (barclamp.description === undefined) advice.push({ where: "description", message: "Say in one sentence what it is for." });
  if (barclamp.migrations.length > 0 && !fixtures.some(({ text }) => isMigrationFixture(text)))
    advice.push({
      where: "migrations",
      message: "No fixture tests them: write one with `migrate`, `before` and `after` (docs/file-formats.md).",
    });
  if (fixtures.length === 0)
    advice.push({ where: "fixtures", message: "There is no fixture: `halligan barclamp test` has nothing to run." });
  for (const [name, attribute] of Object.entries(barclamp.attributes)) {
    if (attribute.default !== undefined && attribute.why === undefined)
      advice.push({ where: `attributes.${name}`, message: "Say with `why` why the default is what it is." });
  }
  for (const [name, { deprecated }] of Object.entries(barclamp.attributes))
    if (deprecated !== undefined) advice.push({ where: `attributes.${name}`, message: deprecatedAdvice(deprecated) });
  for (const role of Object.values(barclamp.roles)) advice.push(...roleAdvice(role));
  return advice;
}

function deprecatedAdvice({ since, use, why }: Deprecation): string {
  return `Deprecated since ${since}: ${why.replace(/\.?$/u, ".")}${use === undefined ? " Say with `use` what to use in its place." : ` Use ${use}.`}`;
}

function roleAdvice(role: Role): readonly Advice[] {
  const where = `roles.${role.name}`;
  const advice: Advice[] = [];
  if (role.deprecated !== undefined) advice.push({ where, message: deprecatedAdvice(role.deprecated) });
  if (role.jig === "shell" && role.verify.length === 0)
    advice.push({ where, message: "There is no `verify`: nothing proves that the role works after it was applied." });
  for (const proof of role.proves) advice.push(...proofAdvice(`${where}.proves.${proof.id}`, proof));
  if (role.undo === undefined) {
    // a command that others notify, such as a reload, leaves nothing of its own behind
    const notified = new Set(role.steps.flatMap((step) => step.common.notify));
    const commands = role.steps.filter(
      (step) => (step.kind === "command" || step.kind === "script") && !notified.has(step.common.name ?? ""),
    );
    for (const step of commands)
      advice.push({ where: `${where}.${step.id}`, message: "What a command does is not taken back; write an `undo` for the role." });
  }
  return advice;
}

/** What of a proof could go wrong at night. */
function proofAdvice(where: string, { means, steps, cleanup }: Role["proves"][number]): readonly Advice[] {
  const advice: Advice[] = [];
  if (!/[.!?]$/u.test(means.trim()))
    advice.push({ where, message: "Say in `means` what is proven as one whole sentence: reports show it." });
  const makes = steps.some(({ args }) => JSON.stringify(args).includes("$PROOF"));
  if (makes && cleanup.length === 0)
    advice.push({ where, message: "Its steps name something `$PROOF`, and there is no `cleanup` that takes it away." });
  return advice;
}
