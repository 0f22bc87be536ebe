import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codes } from "../../src/core/problems/codes.ts";
import type { CodeEntry, ExitCode } from "../../src/core/problems/entry.ts";

const folder = new URL("../../src/core/problems/", import.meta.url).pathname;

const exitWords: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "the run failed",
  2: "input",
  3: "policy, or waiting for approval",
  4: "conflict or lock",
  5: "remote",
  6: "cancelled",
  70: "a defect in Halligan",
};

interface Group {
  readonly title: string;
  readonly entries: readonly (readonly [string, CodeEntry])[];
}

/** The text of `docs/errors.md`: one entry per problem code, in the groups of the source files. */
export function errorsDocument(): string {
  const groups = readGroups();
  const contents = groups.map(
    ({ title, entries }) => `- ${title}: ${entries.map(([code]) => `[${code}](#${code.toLowerCase()})`).join(", ")}`,
  );
  return `${[intro(), contents.join("\n"), ...groups.map(renderGroup)].join("\n\n")}\n`;
}

function intro(): string {
  const exits = Object.entries(exitWords).map(([code, words]) => `| ${code} | ${words} |`);
  return [
    "# Errors",
    "<!-- Generated from src/core/problems by `npm run docs`; do not edit by hand. -->",
    "Every problem that Halligan reports has a code. The code is an interface: it keeps its meaning from version to version.",
    "The exit code of a command is that of its first problem:",
    `| exit code | meaning |\n|---|---|\n${exits.join("\n")}`,
  ].join("\n\n");
}

function renderGroup({ title, entries }: Group): string {
  return [`## ${title}`, ...entries.map(renderEntry)].join("\n\n");
}

function renderEntry([code, entry]: readonly [string, CodeEntry]): string {
  return [
    `### ${code}`,
    "",
    entry.means,
    "",
    `- Likely cause: ${entry.cause}`,
    `- What to do: ${entry.action}`,
    `- Exit code: ${entry.exit} (${exitWords[entry.exit]})`,
  ].join("\n");
}

/** A group is a file `*-codes.ts`; its title is the comment on its table, its codes are the keys of that table in their order. */
function readGroups(): readonly Group[] {
  const all: Readonly<Record<string, CodeEntry>> = codes;
  return readdirSync(folder)
    .filter((name) => name.endsWith("-codes.ts"))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const title = /\/\*\*[\s*]*([^.:*]+)[^/]*\*\/\nexport const/.exec(text)?.[1];
      const keys = [...text.matchAll(/^ {2}([A-Z][A-Z0-9_]*): \{/gm)].flatMap((match) => match[1] ?? []);
      return { title: title ?? name, entries: keys.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]] as const])) };
    });
}
