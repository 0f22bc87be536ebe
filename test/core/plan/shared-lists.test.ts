import { expect, test } from "vitest";
import { canonicalJson, digestOf } from "../../../src/core/plan/canonical.ts";
import { keyOfTexts, SharedLists } from "../../../src/core/plan/shared-lists.ts";

interface Item {
  readonly id: string;
  readonly diff?: string;
}

const keyOf = ({ id, diff }: Item): string => keyOfTexts(id, diff);

test("equal lists become one list of one set of objects, and others stay what they are", () => {
  const shared = new SharedLists<Item>(keyOf);
  const first = shared.of([{ id: "a" }, { id: "b", diff: "x" }]);
  expect(shared.of([{ id: "a" }, { id: "b", diff: "x" }])).toBe(first);
  const other = shared.of([{ id: "b", diff: "x" }]);
  expect(other).toEqual([{ id: "b", diff: "x" }]);
  expect(other[0]).toBe(first[1]);
  expect(shared.of([])).toEqual([]);
});

test("an absent text is not an empty one, and texts cannot run into each other", () => {
  const shared = new SharedLists<Item>(keyOf);
  const lists: readonly (readonly Item[])[] = [
    [{ id: "a" }],
    [{ id: "a", diff: "" }],
    [{ id: "a1:b" }],
    [{ id: "a", diff: "b" }],
    [{ id: "", diff: "a" }],
    [{ id: "1:a" }],
  ];
  for (const list of lists) expect(shared.of(list)).toEqual(list);
});

test("the digest of a value does not depend on what in it is one object", () => {
  const steps = (): readonly Item[] => [{ id: "a", diff: "é\u2028" }, { id: "b" }];
  const ids = (): readonly string[] => ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const [list, long] = [steps(), ids()];
  const one = { all: [1, 2, 3].map((at) => ({ at, steps: list, after: long, none: [] })) };
  const each = { all: [1, 2, 3].map((at) => ({ at, steps: steps(), after: ids(), none: [] })) };
  expect(canonicalJson(one)).toBe(canonicalJson(each));
  expect(canonicalJson(one)).toBe(
    JSON.stringify({
      all: each.all.map(({ at, steps: s, after, none }) => ({ after, at, none, steps: s.map(({ diff, id }) => ({ diff, id })) })),
    }),
  );
  expect(digestOf(one)).toBe(digestOf(each));
});
