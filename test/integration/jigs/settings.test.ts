import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectDone, nodeRole, Place, step, withoutPerl } from "./run-script.ts";

const name = fc.constantFrom("a", "b", "c d", "k.x");
const section = fc.constantFrom("", "s", "t u", "none");
const value = fc.constantFrom("1", "two words", "a=b", "x: y", "it's $(id) \\t");
const pad = fc.constantFrom("", " ", "\t", "  ");
const line = fc.oneof(
  fc.tuple(pad, name, pad, fc.constantFrom("=", ":", " ", " = "), pad, value, pad).map((parts) => parts.join("")),
  section.map((each) => `[${each}]`),
  fc.constantFrom("", " ", "# a = 1", "; b = 2", "[s] ", "  [t u]", "a", "=", " = 1", "a=1\r"),
);
const file = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("", "\n", "\n\n")).map(([lines, end]) => lines.join("\n") + end);
const setting = fc
  .record({
    file,
    section,
    set: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
    unset: fc.uniqueArray(name, { maxLength: 2 }),
    separator: fc.constantFrom(" = ", "=", ": "),
  })
  .map((each) => ({ ...each, unset: each.unset.filter((key) => !(key in each.set)) }))
  .filter(({ set, unset }) => Object.keys(set).length + unset.length > 0);

type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never;

/** What these settings leave of their files, with and without a Perl on the node. */
async function left(settings: readonly Setting[], helped: boolean): Promise<readonly string[]> {
  const place = new Place();
  try {
    const tools = `${place.root}/tools`;
    mkdirSync(tools);
    if (!helped) withoutPerl(tools);
    const path = (at: number): string => place.path(`f${at}`);
    for (const [at, each] of settings.entries()) writeFileSync(path(at), each.file);
    const steps = settings.map(({ section: all, set, unset, separator }, at) =>
      step("ini", { path: path(at), section: all, set, unset, separator }, { id: `s${at}` }),
    );
    const ran = await place.run(
      { mode: "apply", nodeRole: nodeRole(steps) },
      { shell: "dash", env: { PATH: `${tools}:${process.env["PATH"]}` } },
    );
    expectDone(ran, "changed");
    return settings.map((_, at) => readFileSync(path(at), "utf8"));
  } finally {
    place.remove();
  }
}

test("settings leave the same file with a helper as with awk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(setting, { minLength: 20, maxLength: 20 }), async (settings) => {
      const fresh: Setting = { file: "", section: "none", set: { a: "1" }, unset: [], separator: "=" };
      expect(await left([...settings, fresh], true)).toEqual(await left([...settings, fresh], false));
    }),
    { numRuns: 8 },
  );
}, 60_000);
