import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainReader } from "../../../src/core/plan/plain-template.ts";
import { parseTemplate, TemplateError } from "../../../src/core/plan/template.ts";

const keys = fc.constantFrom("a", "b", "x_1", "size", "first");
const leaf = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
);
const map = fc.dictionary(keys, fc.oneof(leaf, fc.dictionary(keys, leaf, { noNullPrototype: true })), {
  minKeys: 2,
  noNullPrototype: true,
});
const scopes = fc.record({ node: map, set: map }, { noNullPrototype: true });
const path = fc
  .tuple(fc.constantFrom("node", "set", "other"), fc.array(keys, { minLength: 1, maxLength: 2 }))
  .map((parts) => parts.flat().join("."));
const piece = fc.oneof(
  path.map((each) => `{{ ${each} }}`),
  path.map((each) => `{{${each}}}`),
  path.map((each) => `{{- ${each} }}`),
  path.map((each) => `{{ ${each} | upcase }}`),
  fc.string({ maxLength: 5 }),
  fc.constantFrom("{", "}", "}}", "{{", "{%", " \n", "é", "{{ true }}", "{{ nil }}"),
);
const sources = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));

/** What the template language itself says: with something in front that takes the text out of the short way. */
function byLanguage(source: string, scope: Readonly<Record<string, unknown>>): unknown {
  return parseTemplate(`{% assign q = 1 %}${source}`).render(scope);
}

function outcome(work: () => unknown): unknown {
  try {
    return { gives: work() };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { refuses: error.message };
  }
}

describe("plain templates", () => {
  test("say what the template language says", () => {
    let read = 0;
    fc.assert(
      fc.property(sources, scopes, (source, scope) => {
        const answer = plainReader(source)?.(scope);
        if (answer === undefined) return;
        read += 1;
        expect({ gives: String(answer) }).toEqual(outcome(() => byLanguage(source, scope)));
      }),
      { seed: 7, numRuns: 4_000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test("keep the type of one value alone", () => {
    const scope = { set: { port: 80, on: false, name: "" } };
    expect(["set.port", "set.on", "set.name"].map((each) => parseTemplate(`{{ ${each} }}`).render(scope))).toEqual([80, false, ""]);
  });

  test("leave to the template language what only it can tell", () => {
    const scope = { set: { list: [1, 2], none: null, map: { a: 1 } } };
    expect(plainReader("x {{ set.list }}")?.(scope)).toBeUndefined();
    expect(plainReader("x {{ set.none }}")?.(scope)).toBeUndefined();
    expect(parseTemplate("x {{ set.none }}").render(scope)).toBe("x ");
    expect(parseTemplate("{{ set.list }}").render(scope)).toEqual([1, 2]);
    expect(() => parseTemplate("x {{ set.map }}").render(scope)).toThrow("a map cannot stand inside text");
    expect(() => parseTemplate("x\n {{ set.other }}").render(scope)).toThrow("undefined variable: set.other");
    for (const source of [
      "plain",
      "{{ a | upcase }}",
      "{% if a %}{{ a }}{% endif %}",
      "{{ a[0] }}",
      "{{- a }}",
      "{{ list.size }}",
      "{{ true }}",
    ])
      expect(plainReader(source), source).toBeUndefined();
  });
});
