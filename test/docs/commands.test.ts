import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandsDocument } from "../../scripts/lib/commands-doc.ts";
import { commands } from "../../src/core/commands/registry.ts";

test("docs/commands.md is what `npm run docs` generates", () => {
  const committed = readFileSync(new URL("../../docs/commands.md", import.meta.url), "utf8");
  expect(committed === commandsDocument(), "run `npm run docs` and commit docs/commands.md").toBe(true);
});

test("every command that is shown has its section", () => {
  const headings = [...commandsDocument().matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  const shown = commands.filter((each) => each.hidden !== true).map((each) => each.id);
  expect(shown.length).toBeGreaterThan(20);
  expect(headings.toSorted()).toEqual(shown.toSorted());
});
