import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderProblems } from "../../src/cli/problems.ts";
import { safeJson, safeJsonInPieces, safeText, safeValue } from "../../src/core/words/safe-text.ts";
import { createScreen } from "../../src/cli/screen.ts";
import { problem } from "../../src/core/errors.ts";
import { halligan, temporaryFolder } from "./run-cli.ts";

const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f]/u;
const plain = createScreen({ isTerminal: true, columns: 80, plain: true, environment: { LANG: "C.UTF-8" } });

test("a document in pieces is the document", () => {
  const document = fc.dictionary(fc.string({ unit: "binary" }), fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()), fc.constant(undefined)));
  fc.assert(fc.property(document, (value) => [...safeJsonInPieces(value)].join("") === safeJson(value)));
  const long = { kind: "plan", items: Array.from({ length: 3_000 }, (_, at) => ({ at, text: "x".repeat(100) })), end: [undefined, 1] };
  const pieces = [...safeJsonInPieces(long)];
  expect(pieces.join("")).toBe(safeJson(long));
  expect(pieces.length).toBeGreaterThan(4);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(100_000);
});

describe("text from outside cannot give orders to the terminal", () => {
  test("escape sequences, C1, bidi and BEL become visible", () => {
    expect(safeText("a\u001b[31mb\u0007\u009b2J\u202ec\rd")).toBe("a\\x1b[31mb\\x07\\x9b2J\\u{202e}c\\rd");
    expect(safeText("line\r\nnext\tä 日本 👩‍👩‍👧")).toBe("line\nnext\tä 日本 👩‍👩‍👧");
  });

  test("no text at all gets through", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !obeyed.test(safeText(text))));
  });

  test("lone surrogates are replaced", () => {
    expect(safeText("\ud800x")).toBe("\ufffdx");
  });

  test("keys and values, however deep", () => {
    expect(safeValue({ "k\u001b": ["\u001b]0;x\u0007", { n: 1, z: null }] })).toEqual({ "k\\x1b": ["\\x1b]0;x\\x07", { n: 1, z: null }] });
  });

  test("JSON stays the same value and holds nothing that a terminal obeys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (value) => {
        const text = safeJson(value);
        return !obeyed.test(text) && JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
      }),
    );
  });

  test("every text of a problem, the offending line too", () => {
    const evil = "\u001b[2J\u009b\u202e";
    const one = problem("KEY_UNKNOWN", {
      message: evil,
      at: { file: evil, line: 1, column: 4, text: `${evil}: 1` },
      cause: evil,
      hint: evil,
    });
    const other = problem("STEP_FAILED", { message: evil, at: { node: evil, role: evil, step: evil } });
    expect(renderProblems([one, other], plain).join("\n")).not.toMatch(obeyed);
  });

  test("a cluster file full of escape codes", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "cluster.yaml");
    writeFileSync(
      file,
      'halligan: 1\ncluster: "a\\e[31mb"\n"\\e]0;title\\a": 1\nnodes: { "n\\u009b2J": { address: "x\\e[H" } }\n\u202eb: 1\n',
    );
    const [words, json] = await Promise.all([halligan(["validate", file]), halligan(["validate", file, "--json"])]);
    expect(words.code).toBe(2);
    expect(words.stdout + words.stderr).not.toMatch(obeyed);
    expect(words.stdout).toContain("\\x1b");
    expect(json.stdout).not.toMatch(obeyed);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "validation" });
  });

  test("an argument full of escape codes", async () => {
    const ran = await halligan(["\u001b[31mred"]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).not.toMatch(obeyed);
  });
});
