import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commandText } from "../../../../src/core/run/exec/command-text.ts";

test("several words reach the program exactly as they were typed", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed().replaceAll("\0", "")),
    fc.constantFrom(
      "",
      "'",
      '"',
      "\\",
      "$HOME",
      "`id`",
      "*",
      "~",
      "a b",
      "-n",
      "A=b",
      "#",
      "\n",
      "!!",
      "{a,b}",
      "if",
      "\t",
      "é",
      "&&",
      "]",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      const line = commandText(["printf", "%s\\0", ...words]);
      expect(execFileSync("/bin/sh", ["-c", line]).toString("utf8")).toBe(words.map((each) => `${each}\0`).join(""));
    }),
    { numRuns: 60 },
  );
});

test("one word is a line of shell", () => {
  expect(execFileSync("/bin/sh", ["-c", commandText(["echo a | tr a b; echo c"])]).toString()).toBe("b\nc\n");
});

test.each(["if", "A=b", "while", "{", "!", "case", "FOO=bar/baz", "function"])(
  "%s as the first of several words is a program's name",
  (word) => {
    const ran = spawnSync("/bin/sh", ["-c", commandText([word, "x"])]);
    expect([ran.status, ran.stderr.toString()]).toEqual([127, expect.stringMatching(/not found/u)]);
  },
);
