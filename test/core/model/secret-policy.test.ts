import { randomInt } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HalliganError } from "../../../src/core/errors.ts";
import { alphabetNames, checkSecretText, classesOf, generateText } from "../../../src/core/model/secret-policy.ts";

const kinds = [/[a-z]/u, /[A-Z]/u, /[0-9]/u, /[^A-Za-z0-9]/u];
const wanted = { alnum: /^[A-Za-z0-9]+$/u, ascii: /^[!-~]+$/u, hex: /^[0-9a-f]+$/u, base64url: /^[A-Za-z0-9_-]+$/u } as const;

test("what is generated keeps to its policy", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...alphabetNames),
      fc.integer({ min: 8, max: 80 }),
      fc.integer({ min: 1, max: 4 }),
      (alphabet, length, asked) => {
        const minClasses = Math.min(asked, classesOf(alphabet));
        const text = generateText({ length, alphabet, minClasses }, randomInt);
        expect(text).toHaveLength(length);
        expect(text).toMatch(wanted[alphabet]);
        expect(kinds.filter((kind) => kind.test(text)).length).toBeGreaterThanOrEqual(minClasses);
      },
    ),
    { numRuns: 300 },
  );
});

test("every letter of an alphabet is drawn, and nothing else decides", () => {
  const drawn: number[] = [];
  const text = generateText({ length: 16, alphabet: "hex", minClasses: 1 }, (below) => {
    drawn.push(below);
    return (drawn.length - 1) % below;
  });
  expect(text).toBe("0123456789abcdef");
  expect(new Set(drawn)).toEqual(new Set([16]));
});

describe("a value that cannot be a secret is refused without being shown", () => {
  test.each([
    ["", "0 bytes"],
    ["abc", "3 bytes"],
    ["x".repeat(65_537), "more than 65536 bytes"],
    ["nul\0byte", "NUL"],
    ["half \uFFFD a sign", "UTF-8"],
  ])("%j", (value, says) => {
    let caught: unknown;
    try {
      checkSecretText(value, "secret db.password");
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(HalliganError);
    expect((caught as HalliganError).code).toBe("SECRET_UNFIT");
    expect((caught as HalliganError).message).toContain(says);
    expect(inspect(caught)).not.toContain(value.slice(0, 100) || "never there");
  });

  test("four bytes are enough, whatever they are", () => {
    for (const value of ["abcd", "ö1x", "😀", " \n\t "]) expect(() => checkSecretText(value, "x")).not.toThrow();
  });
});
