import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorsDocument } from "../../scripts/lib/errors-doc.ts";
import { problem } from "../../src/core/errors.ts";
import { type Code, codes } from "../../src/core/problems/codes.ts";

const committed = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const names = Object.keys(codes) as Code[];

test("docs/errors.md is what `npm run docs` generates", () => {
  expect(committed === errorsDocument(), "run `npm run docs` and commit docs/errors.md").toBe(true);
});

test("every code has exactly one entry, and a code stands in one table only", () => {
  const headings = [...errorsDocument().matchAll(/^### (.+)$/gm)].flatMap((match) => match[1] ?? []);
  expect(names.length).toBeGreaterThan(5);
  expect(headings.toSorted()).toEqual(names.toSorted());
});

test("the link of a problem leads to its entry", () => {
  const document = errorsDocument();
  const links = names.map((code) => problem(code, { message: "x" }).docs.replace("docs/errors.md", ""));
  expect(links.filter((link) => !document.includes(`](${link})`))).toEqual([]);
  expect(links).toEqual(names.map((code) => `#${code.toLowerCase()}`));
});

test("means, cause and action are whole sentences", () => {
  const sentences = Object.values(codes).flatMap(({ means, cause, action }) => [means, cause, action]);
  expect(sentences.filter((sentence) => !/^\S.*[.!?]$/.test(sentence))).toEqual([]);
});
