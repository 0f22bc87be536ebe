import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesBelow, isMap, valueAt, valueOf } from "../../../src/core/intent/changes.ts";
import { editYaml } from "../../../src/core/intent/yaml-edit.ts";
import type { Json } from "../../../src/core/ports.ts";

const root = join(import.meta.dirname, "../../..");
const examples = ["web", "machines", "lab"].map((name) => readFileSync(join(root, `examples/${name}/cluster.yaml`), "utf8"));
/** Ways of writing that the examples do not have. */
const odd = [
  "a: 1 # one\r\nb:\r\n  c: 'x'   # two\r\n  d: [1, 2]\r\n# end\r\n",
  'top:\n  # above\n  k: |\n    line\n    more\n\n  # below\n  l: "q"\n\n\nnext: {a: 1,b: {c: 2} }\nlast:',
  "m: {\n  a: 1,\n  # inside\n  b: [x, y],\n}\nnodes:\n  web-[1-3]: { address: 10.0.0.[1-3] }\n",
];

/** Paths of all maps and of all values that are no maps. */
function pathsOf(value: Json | undefined, path: readonly string[] = []): readonly (readonly string[])[] {
  return isMap(value) ? Object.entries(value).flatMap(([key, each]) => [[...path, key], ...pathsOf(each, [...path, key])]) : [];
}

const leaf = fc.oneof(
  fc
    .string({ unit: "grapheme", maxLength: 20 })
    .filter((text) => !/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFD\uE0F0-\uE0F2]/u.test(text)),
  fc.constantFrom(
    "true",
    "null",
    "12",
    "0x1f",
    "a: b",
    "x,y",
    "{{ set.x }}",
    "web-[1-3]",
    "# no comment",
    "- x",
    "it's",
    '"',
    "25%",
    "a\nb",
    " ",
    "~",
    "yes",
    "1e3",
    "*x",
    "&y",
    "!t",
    "@",
    "`",
  ),
  fc.integer(),
  fc.boolean(),
);
const anyValue: fc.Arbitrary<Json> = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("k", "two words", "x.y", "9", "true"), leaf, { minKeys: 1, maxKeys: 3 }),
);
const comments = (text: string): readonly string[] => text.split(/\r?\n/u).flatMap((line) => /(?:^|\s)(#.*)$/u.exec(line)?.[1] ?? []);

describe.each([...examples, ...odd].map((text, index) => [index, text] as const))("file %i", (_, text) => {
  const before = valueOf(text);
  const paths = pathsOf(before);

  test("a value that is set is read back, and nothing else changes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.array(fc.constantFrom("new", "n-2", "a b"), { maxLength: 2 }),
        anyValue,
        (known, more, value) => {
          const path = isMap(valueAt(before, known)) ? [...known, ...more] : known;
          const edited = editYaml(text, { do: "set", path, value });
          expect(valueAt(valueOf(edited), path)).toEqual(value);
          const others = changesBelow(before, valueOf(edited), []).filter((each) => !path.every((key, at) => each.path[at] === key));
          expect(others.filter((each) => !each.path.every((key, at) => path[at] === key))).toEqual([]);
          // Lines that are neither at the place nor below it stay as they are, in their order.
          const kept = text.split("\n");
          const now = edited.split("\n");
          const head = kept.findIndex((line, at) => line !== now[at]);
          const tail = kept.toReversed().findIndex((line, at) => line !== now.at(-1 - at));
          const first = head === -1 ? 0 : head;
          expect(kept.slice(0, first)).toEqual(now.slice(0, first));
          const isScalar = !isMap(valueAt(before, path)) && !Array.isArray(valueAt(before, path));
          expect(isScalar && head !== -1 && tail !== -1 ? kept.length - head - tail : 0).toBeLessThanOrEqual(4);
          const tells = isScalar && !JSON.stringify(value).includes("#");
          expect(tells ? comments(edited) : []).toEqual(tells ? comments(text) : []);
          expect(text.includes("\r\n") ? edited.replaceAll("\r\n", "") : "").not.toContain("\n");
        },
      ),
      { numRuns: 300 },
    );
  });

  test("what is taken away is gone, and nothing else", () => {
    for (const path of paths) {
      if (path.length === 1 && paths.filter((each) => each.length === 1).length === 1) continue;
      const edited = editYaml(text, { do: "remove", path });
      expect(valueAt(valueOf(edited), path)).toBeUndefined();
      const gone = changesBelow(before, valueOf(edited), []);
      expect(gone).toHaveLength(1);
      expect(path.slice(0, gone[0]?.path.length)).toEqual(gone[0]?.path);
    }
  });

  test("there and back gives the same text", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths.filter((each) => typeof valueAt(before, each) === "number")), fc.integer(), (path, value) => {
        const there = editYaml(text, { do: "set", path, value });
        expect(editYaml(there, { do: "set", path, value: valueAt(before, path) ?? null })).toBe(text);
      }),
    );
  });
});

test("what is shared by an anchor is refused rather than changed in two places", () => {
  const text = "a: &x { b: 1 }\nc: *x\n";
  expect(() => editYaml(text, { do: "set", path: ["a", "b"], value: 2 })).toThrow(/EDIT_REFUSED/u);
  expect(() => editYaml(text, { do: "set", path: ["c", "b"], value: 2 })).toThrow(/EDIT_REFUSED/u);
  expect(editYaml(text, { do: "set", path: ["c"], value: 2 })).toBe("a: &x { b: 1 }\nc: 2\n");
  expect(() => editYaml("a: text\n", { do: "set", path: ["a", "b"], value: 2 })).toThrow(/not a map/u);
});

test("a group for more special nodes goes in front of the others", () => {
  for (const text of ["groups:\n  # mine\n  a:\n    on: all\nx: 1\n", "groups: { a: { on: all } }\nx: 1\n"]) {
    const edited = editYaml(text, { do: "set", path: ["groups", "b", "on"], value: "rack=r1", first: true });
    expect(Object.keys(valueAt(valueOf(edited), ["groups"]) ?? {})).toEqual(["b", "a"]);
    expect(comments(edited)).toEqual(comments(text));
  }
});
