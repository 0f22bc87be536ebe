import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AlikeRenderings, sharedPaths } from "../../../src/core/plan/alike.ts";
import { secretRef } from "../../../src/core/model/secret-ref.ts";
import type { BoundNodeRole } from "../../../src/core/plan/graph.ts";
import { parseTemplate } from "../../../src/core/plan/template.ts";
import type { Json } from "../../../src/core/ports.ts";
import { barclamp, cluster, deployment, make, names, role, step } from "./support.ts";

describe("renderings that are kept", () => {
  const paths = [["set", "a"], ["cluster"]] as const;

  test("are given to whoever reads the same, from the second on", () => {
    let made = 0;
    const renderings = new AlikeRenderings<number>(() => paths);
    const cluster = {};
    const of = (a: unknown, where: object = cluster) =>
      renderings.of(
        { set: { a, b: made }, cluster: where },
        () => ++made,
        () => true,
      );
    expect([of(1), of(1), of(1), of(2), of(1), of(2), of(1, {}), of(undefined), of(undefined)]).toEqual([1, 2, 2, 3, 2, 3, 4, 5, 5]);
  });

  test("are as few as groups of nodes, and the oldest goes", () => {
    let made = 0;
    const renderings = new AlikeRenderings<number>(() => paths);
    const of = (a: number) =>
      renderings.of(
        { set: { a } },
        () => ++made,
        () => true,
      );
    for (let a = 0; a < 10; a++) of(a);
    expect([of(9), of(2), of(0)]).toEqual([10, 3, 11]);
  });

  test("are none where something that only this scope has was read, or would be by looking", () => {
    let made = 0;
    let read = 0;
    const renderings = new AlikeRenderings<number>(() => paths);
    const scope = {
      set: {
        get a() {
          return ++read;
        },
      },
    };
    const of = (which: object, lasting: boolean) =>
      renderings.of(
        which,
        () => ++made,
        () => lasting,
      );
    expect([of(scope, true), of(scope, true), of(scope, true), of({ set: {} }, false), of({ set: {} }, false)]).toEqual([1, 2, 3, 4, 5]);
    expect(read).toBe(0);
  });
});

test.each([
  [
    "{% for each in cluster.nodes %}{{ each.name }}.{{ set.domain }}{% endfor %}",
    [
      ["cluster", "nodes"],
      ["set", "domain"],
    ],
  ],
  [
    "{% for each in role.nodes %}{{ each[set.key].x }}{% endfor %}",
    [
      ["role", "nodes"],
      ["set", "key"],
    ],
  ],
  [
    "{% for each in set.map[cluster.name].x %}{{ each }}{% endfor %}",
    [
      ["set", "map"],
      ["cluster", "name"],
    ],
  ],
  ["{% for each in cluster.nodes %}{% if each.name == node.name %}me{% endif %}{% endfor %}", undefined],
  ["{% for each in set.list %}{{ item }}{% endfor %}", undefined],
  ["{% for each in cluster.nodes %}{% endfor %}{{ facts.x }}", undefined],
  ["{% for each in cluster.nodes %}{% assign node = each %}{% endfor %}{{ node.name }}", undefined],
  ["{% for each in set.list %}{% capture 'role' %}{% endcapture %}{% endfor %}{{ role.first }}", undefined],
  ["{% for node in cluster.nodes %}{{ node.name }}{% endfor %}", [["cluster", "nodes"]]],
  ["{% for node in cluster.nodes %}{{ node.name }}{% endfor %}{{ node.name }}", undefined],
  ["{% for node in set.list %}{% else %}{{ node.name }}{% endfor %}", undefined],
])("what %s reads is the same for many: %j", (source, paths) => {
  expect(parseTemplate(source).shared?.()?.toSorted()).toEqual(paths?.toSorted());
});

test("behind a name that is worked out, what stands before it counts", () => {
  expect(sharedPaths([["set", "a", ["node", "name"], "b"]])).toEqual([["set", "a"]]);
  expect(sharedPaths([["node", "name"]])).toBeUndefined();
});

const lists = ["set.list", "cluster.nodes", "role.nodes", "set.secrets", "set.none"];
const texts = [
  "{{ each | json }}",
  "{% assign node = each %}",
  "{% assign x = set.a %}{{ x }}",
  "{{ set.a }}",
  "{{ set.password }}",
  "{{ node.name }}",
  "{{ role.first }}",
  "{{ deployment.name }}",
  "x",
];
const sources = fc
  .tuple(
    fc.constantFrom(...lists),
    fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "{{ node.name | upcase }}"),
  )
  .map(([list, inside, behind]) => `{% for each in ${list} %}${inside.join("")}{% endfor %}${behind}`);
const judged = [
  "set.on",
  "!set.on",
  "set.a == 'x'",
  "role.first",
  "set.on && role.first",
  "node.name == 'n-2'",
  "'set.on' == set.a",
  "has(set.b)",
];
const conditions = fc.option(fc.constantFrom(...judged), { nil: undefined });
const values = fc.record({
  a: fc.constantFrom("x", "y", "set.on"),
  on: fc.boolean(),
  list: fc.constantFrom(["1", "2"], ["3"], []),
});

test("node-roles made one after the other are what each is by itself", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sources, conditions), { minLength: 1, maxLength: 4 }),
      fc.array(values, { minLength: 2, maxLength: 3 }),
      (steps, groups) => {
        const list = steps.map(([content, when], at) => step("file", { path: `/${at}`, content }, when === undefined ? {} : { when }));
        const secret = secretRef("d", "b", "password") as unknown as Json;
        const settings = ({ node }: BoundNodeRole) => ({
          problems: [],
          values: Object.fromEntries([
            ...Object.entries(groups[Number(node.name.slice(2)) % groups.length] ?? {}).map(([name, value]) => [
              name,
              { value: value as Json, layer: "default" },
            ]),
            ["password", { value: secret, layer: "secrets" }],
            ["secrets", { value: [secret], layer: "default" }],
          ]),
        });
        const fresh = () =>
          make(cluster(names(6), [deployment("d", { app: "all" })]), [barclamp("b", [role("app", { steps: list })])], { settings });
        const together = fresh();
        for (const { name } of names(6)) {
          const [one, alone] = [together.resolve(`${name}/app`), fresh().resolve(`${name}/app`)];
          expect(one.resolved).toEqual(alone.resolved);
          expect(one.actions).toBe(alone.actions);
          expect(one.problems).toEqual(alone.problems);
        }
      },
    ),
    { seed: 11, numRuns: 300 },
  );
});
