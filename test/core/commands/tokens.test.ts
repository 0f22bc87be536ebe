import { parseArgs } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TokenOption, tokensOf } from "../../../src/core/commands/tokens.ts";

const options: readonly (readonly [string, TokenOption])[] = [
  ["file", { type: "string", short: "f" }],
  ["follow", { type: "boolean", short: "f" }],
  ["tail", { type: "string", short: "t" }],
  ["quiet", { type: "boolean", short: "q" }],
  ["no-queue", { type: "boolean" }],
  ["yes", { type: "boolean", short: "y" }],
];

const word = fc.oneof(
  fc.constantFrom(
    "--",
    "-",
    "",
    "-f",
    "-q",
    "-t",
    "-qf",
    "-qtX",
    "-tX=Y",
    "--file",
    "--file=x",
    "--file=",
    "--no-quiet",
    "--no-queue",
    "--no-",
  ),
  fc.constantFrom("---", "--=", "--==", "--=x", "-=", "--no-file=x", "-z", "-qz", "--é", "-é", "web1/nginx", "P-3", "--yes=true"),
  fc.string({ maxLength: 8 }).filter((text) => !text.startsWith("-")),
  // One difference is wanted: in `-a-b` the library takes the dash for `--`.
  fc.string({ maxLength: 6 }).map((text) => `-${text.slice(0, 1)}${text.slice(1).replaceAll("-", "")}`),
  fc.string({ maxLength: 6 }).map((text) => `--${text}`),
);

test("the tokens are those of the standard library", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      const expected = parseArgs({
        args: argv,
        options: Object.fromEntries(options),
        strict: false,
        allowPositionals: true,
        allowNegative: true,
        tokens: true,
      }).tokens;
      // `value` and `inlineValue` are there and undefined, here and there
      expect(tokensOf(argv, new Map(options))).toEqual(expected.map((each) => ({ ...each })));
    }),
    { numRuns: 3_000, examples: [[["--=="]], [["--=x="]]] },
  );
});
