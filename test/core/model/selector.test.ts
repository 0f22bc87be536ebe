import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Selector } from "../../../src/core/model/cluster.ts";
import { compareNatural } from "../../../src/core/model/natural-order.ts";
import { matchSelector, parseSelector } from "../../../src/core/model/selector.ts";
import { selectorText } from "../../../src/core/plan/selector-text.ts";

const nodes = [
  { name: "ctl-1", labels: { tier: "control", rack: "r1" } },
  { name: "ctl-2", labels: { tier: "control", rack: "r2" } },
  { name: "cmp-10", labels: { tier: "compute", gpu: "true" } },
];

function select(text: string): readonly string[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new TypeError(parsed.message);
  return nodes.filter((node) => matchSelector(parsed.selector, node)).map((node) => node.name);
}

test.each([
  ["all", "ctl-1 ctl-2 cmp-10"],
  ["*", "ctl-1 ctl-2 cmp-10"],
  ["tier=control", "ctl-1 ctl-2"],
  ["tier=control & rack!=r2", "ctl-1"],
  ["rack!=r2", "ctl-1 cmp-10"],
  ["gpu", "cmp-10"],
  ["!gpu", "ctl-1 ctl-2"],
  ["ctl-1", "ctl-1"],
  ["ctl-*", "ctl-1 ctl-2"],
  ["name=ctl-* | gpu", "ctl-1 ctl-2 cmp-10"],
  ["ctl-[2-3]|name=cmp-10", "ctl-2 cmp-10"],
  ["name!=ctl-1", "ctl-2 cmp-10"],
  ["gpu | tier=control & rack=r1", "ctl-1 cmp-10"],
  ["(gpu | tier=control) & !(rack=r1)", "ctl-2 cmp-10"],
  ["__proto__", ""],
  ["toString", ""],
])("%s selects %s", (text, expected) => {
  expect(select(text).join(" ")).toBe(expected);
});

test.each([
  ["", 0],
  ["tier=", 5],
  ["tier==x", 5],
  ["tier=a &", 8],
  ["(tier=a", 7],
  ["tier=a)", 6],
  ["a b", 2],
  ["& a", 0],
  ["tier=a; rm", 6],
  ["tier=r*", 5],
  ["ctl-[3-1]", 4],
  ["!".repeat(200), 50],
])("%s is refused at %i", (text, offset) => {
  const parsed = parseSelector(text);
  expect(parsed).toMatchObject({ ok: false });
  expect(parsed.ok ? undefined : Math.abs(parsed.offset - offset)).toBeLessThanOrEqual(1);
  expect(parsed.ok ? "" : parsed.message).not.toBe("");
});

describe("properties", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/u).filter((each) => each !== "all" && each !== "name");
  const { selector } = fc.letrec<{ selector: Selector; leaf: Selector }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ op: fc.constantFrom("eq" as const, "ne" as const), label: word, value: word }),
      fc.record({ op: fc.constant("has" as const), label: word }),
      word.map((each) => ({ op: "name" as const, pattern: `${each}*` })),
    ),
    selector: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc.record({ op: fc.constant("not" as const), of: tie("selector") }),
      fc.record({ op: fc.constantFrom("and" as const, "or" as const), of: fc.array(tie("selector"), { minLength: 2, maxLength: 3 }) }),
    ),
  }));
  const node = fc.record({ name: word, labels: fc.dictionary(word, word) });

  test("a selector as text reads back to the same choice", () => {
    fc.assert(
      fc.property(selector, node, (each, target) => {
        const parsed = parseSelector(selectorText(each));
        if (!parsed.ok) throw new TypeError(`${selectorText(each)}: ${parsed.message}`);
        expect(matchSelector(parsed.selector, target)).toBe(matchSelector(each, target));
      }),
    );
  });

  test("parsing any text never throws and points into it", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseSelector(text);
        expect(parsed.ok ? 0 : parsed.offset).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  test("natural order is a total order", () => {
    const name = fc.stringMatching(/^[a-c0-2-]{1,6}$/u);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0);
        expect([a, b, c].toSorted(compareNatural)).toEqual([c, a, b].toSorted(compareNatural));
        expect(compareNatural(a, b) === 0).toBe(a === b);
      }),
    );
    expect(["n10", "n2", "n01", "n1"].toSorted(compareNatural)).toEqual(["n01", "n1", "n2", "n10"]);
  });
});
