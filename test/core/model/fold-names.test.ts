import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldNames } from "../../../src/core/model/fold-names.ts";
import { expandRanges } from "../../../src/core/model/range.ts";

function expand(expressions: readonly string[]): readonly string[] {
  return expressions.flatMap((each) => {
    const expansion = expandRanges(each);
    if (!expansion.ok) throw new Error(`${each}: ${expansion.message}`);
    return expansion.values;
  });
}

describe("folding names", () => {
  test.each([
    [["web1", "web2", "web3"], ["web[1-3]"]],
    [["web3", "web1"], ["web[1,3]"]],
    [
      ["web1", "web2", "db"],
      ["db", "web[1-2]"],
    ],
    [["cmp-08", "cmp-09", "cmp-10"], ["cmp-[08-10]"]],
    [["n9", "n10", "n11", "n13"], ["n[9-11,13]"]],
    [["n1", "n01"], ["n[1,01]"]],
    [
      ["r1-n1", "r1-n2", "r2-n1"],
      ["r1-n[1-2]", "r2-n1"],
    ],
    [["a1.rack7", "a2.rack7"], ["a[1-2].rack7"]],
    [["one"], ["one"]],
    [["n1", "n1"], ["n1"]],
    [[], []],
  ])("%j is %j", (names, folded) => {
    expect(foldNames(names)).toEqual(folded);
  });

  test("what is folded expands to the same set, each name once", () => {
    const part = fc.oneof(
      fc.constantFrom("web", "db", "n", "-", "rack-", "a", "00", "007"),
      fc.integer({ min: 0, max: 30 }).map(String),
      fc.integer({ min: 0, max: 30 }).map((number) => String(number).padStart(2, "0")),
      fc.integer({ min: 0, max: 1_000_000_000_000 }).map(String),
    );
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), (names) => {
        expect(expand(foldNames(names)).toSorted()).toEqual([...new Set(names)].toSorted());
      }),
      { numRuns: 500 },
    );
  });

  test("a thousand nodes in a row are one expression, and more than a range may hold are several", () => {
    const names = Array.from({ length: 12_000 }, (_, index) => `n${index + 1}`);
    expect(foldNames(names.slice(0, 1000))).toEqual(["n[1-1000]"]);
    expect(foldNames(names)).toEqual(["n[1-10000]", "n[10001-12000]"]);
  });
});
