import fc from "fast-check";
import { expect, test } from "vitest";
import type { Barclamp } from "../../../src/core/model/barclamp.ts";
import type { Cluster } from "../../../src/core/model/cluster.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlanBody } from "../../../src/core/model/plan.ts";
import { secretRef } from "../../../src/core/model/secret-ref.ts";
import { assemblePlan } from "../../../src/core/plan/assemble.ts";
import { canonicalJson, planDigest } from "../../../src/core/plan/canonical.ts";
import type { CheckResult } from "../../../src/core/plan/check-result.ts";
import type { Resolution } from "../../../src/core/plan/resolve.ts";
import { barclamp, cluster, deployment, make, type Made, node, role, settings, step } from "./support.ts";

const roleNames = ["a", "b", "c", "d", "e"] as const;
const anyRole = fc.constantFrom(...roleNames);

/** Requirements may point anywhere, to nothing and in circles. */
const anyRoleParts = fc.record({
  requires: fc.uniqueArray(fc.constantFrom<string>(...roleNames, "cap", "nothing"), { maxLength: 2 }),
  input: fc.option(fc.record({ from: anyRole, output: fc.constantFrom("url", "late", "none"), all: fc.boolean() }), { nil: undefined }),
  conflicts: fc.uniqueArray(anyRole, { maxLength: 1 }),
  provides: fc.constantFrom([], [], ["cap"]),
  founder: fc.boolean(),
  text: fc.constantFrom(
    "{{ node.name }}",
    "{{ inputs.x }}",
    "{{ set.pw | size }}",
    "{{ broken",
    "{{ cluster.nodes | size }}",
    "{{ facts.os }}",
  ),
});

const anyPlacement = fc.record({
  on: fc.constantFrom("all", "rack=1", "rack!=1", "name=n-*", "nobody"),
  count: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  spread: fc.constantFrom(undefined, "rack"),
  avoid: fc.uniqueArray(anyRole, { maxLength: 1 }),
});

const anyWorld = fc.record({
  nodes: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
  roles: fc.tuple(anyRoleParts, anyRoleParts, anyRoleParts, anyRoleParts, anyRoleParts),
  placements: fc.array(fc.record({ role: fc.nat({ max: 4 }), deployment: fc.constantFrom("x", "y"), how: anyPlacement }), {
    minLength: 1,
    maxLength: 6,
  }),
});

/** Requirements point only to roles before, so there is always a plan. */
const soundWorld = fc.record({
  nodes: fc.integer({ min: 1, max: 6 }),
  needs: fc.array(fc.record({ of: fc.nat({ max: 4 }), all: fc.boolean(), late: fc.boolean() }), { minLength: 5, maxLength: 5 }),
  places: fc.array(fc.record({ count: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }), deployment: fc.boolean() }), {
    minLength: 5,
    maxLength: 5,
  }),
  changing: fc.array(fc.constantFrom("none", "create", "change"), { minLength: 8, maxLength: 8 }),
});

type Sound = typeof soundWorld extends fc.Arbitrary<infer T> ? T : never;
interface World {
  readonly of: Cluster;
  readonly clamps: readonly Barclamp[];
}

function build(world: Sound): World {
  const nodes = Array.from({ length: world.nodes }, (_, index) => node(`n-${index + 1}`, { rack: String(index % 2) }));
  const clamps = roleNames.map((name, index) => {
    const need = world.needs[index]!;
    const from = roleNames[index === 0 ? -1 : need.of % index];
    return barclamp(`clamp-${name}`, [
      role(name, {
        requires: from === undefined ? [] : [from],
        inputs: from === undefined ? {} : { x: { from: `${from}.${need.late ? "late" : "url"}`, all: need.all } },
        steps: [
          step("command", { run: "late" }, { name: "late" }),
          step("file", { path: "/f", text: from === undefined ? "{{ set.pw }}" : "{{ inputs.x | json }}" }),
        ],
        outputs: { url: { value: "x://{{ node.address }}" }, late: { fromStep: "late" } },
      }),
    ]);
  });
  const placed = (flag: boolean) =>
    Object.fromEntries(
      roleNames.flatMap((name, index) => {
        const { count, deployment: second } = world.places[index]!;
        return second === flag ? [[name, count === undefined ? "all" : { count: Math.min(count, nodes.length) }]] : [];
      }),
    );
  return { of: cluster(nodes, [deployment("x", placed(false)), deployment("y", placed(true))]), clamps };
}

const shuffled = <T>(list: readonly T[], seed: number): T[] =>
  list
    .map((value, index) => ({ value, key: Math.imul(index + 1, (seed | 1) * 2_654_435_761) >>> 0 }))
    .toSorted((a, b) => a.key - b.key)
    .map((each) => each.value);

const shuffledRecord = <T>(record: Readonly<Record<string, T>>, seed: number): Record<string, T> =>
  Object.fromEntries(shuffled(Object.entries(record), seed));

function shuffle({ of, clamps }: World, seed: number): World {
  const deployments = shuffled(of.deployments, seed).map((each) => ({ ...each, place: shuffled(each.place, seed) }));
  return {
    of: { ...of, nodes: shuffled(of.nodes, seed), deployments },
    clamps: shuffled(clamps, seed).map((each) => ({
      ...each,
      roles: shuffledRecord(
        Object.fromEntries(
          Object.entries(each.roles).map(([name, one]) => [
            name,
            { ...one, outputs: shuffledRecord(one.outputs, seed), inputs: shuffledRecord(one.inputs, seed) },
          ]),
        ),
        seed,
      ),
    })),
  };
}

const pw = settings({ pw: { ...secretRef("x", "a", "pw") } });

function planOf(made: Made, of: Cluster, changing: readonly string[], seed: number): PlanBody {
  const ids = made.graph.nodeRoles.map((each) => each.bound.id);
  const resolutions = new Map<NodeRoleId, Resolution>(shuffled(ids, seed).map((id) => [id, made.resolve(id)]));
  const checks = new Map<NodeRoleId, CheckResult>(
    shuffled(ids, seed).map((id) => {
      const change = changing[(id.length + id.charCodeAt(2) + id.charCodeAt(id.length - 1)) & 7] as "none";
      return [
        id,
        {
          steps: shuffled(
            ["late", "file:/f"].map((each) => ({ id: each, change })),
            seed,
          ),
        },
      ];
    }),
  );
  return assemblePlan({ cluster: of, graph: made.graph, resolutions, checks, applied: [] });
}

test("the same cluster gives the byte-identical plan, whatever the order of files, maps and lists", () => {
  fc.assert(
    fc.property(soundWorld, fc.nat(), (world, seed) => {
      const plain = build(world);
      const mixed = shuffle(plain, seed);
      const one = make(plain.of, plain.clamps, { settings: pw });
      const two = make(mixed.of, mixed.clamps, { settings: pw });
      expect(one.problems).toEqual([]);
      const bodies = [planOf(one, plain.of, world.changing, 0), planOf(two, mixed.of, world.changing, seed)];
      expect(canonicalJson(bodies[1])).toBe(canonicalJson(bodies[0]));
      expect(planDigest(bodies[1]!)).toBe(planDigest(bodies[0]!));
      expect(bodies[0]!.nodeRoles.length).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
});

test("what is waited for comes before, and a cohort is the longest way there", () => {
  fc.assert(
    fc.property(soundWorld, (world) => {
      const { of, clamps } = build(world);
      const body = planOf(make(of, clamps, { settings: pw }), of, world.changing, 0);
      const cohorts = new Map<NodeRoleId, number>();
      for (const each of body.nodeRoles) {
        const depths = each.after.map((id) => cohorts.get(id));
        expect(depths).not.toContain(undefined);
        expect(each.cohort).toBe(Math.max(-1, ...depths.map((depth) => depth ?? 0)) + 1);
        cohorts.set(each.id, each.cohort);
      }
      const order = body.nodeRoles.map((each) => each.cohort);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    { numRuns: 150 },
  );
});

test("no cluster, however wrong, makes the planner throw, and what is wrong is said", () => {
  let withCycle = 0;
  fc.assert(
    fc.property(anyWorld, (world) => {
      const nodes = world.nodes.map((index) => node(`n-${index}`, { rack: String(index % 3) }));
      const clamps = world.roles.map((parts, index) => {
        const { input, founder, text, ...rest } = parts;
        return barclamp(`clamp-${index}`, [
          role(roleNames[index]!, {
            ...rest,
            ...(founder ? { cluster: { order: "founder-first" as const } } : {}),
            inputs: input === undefined ? {} : { x: { from: `${input.from}.${input.output}`, all: input.all } },
            steps: [step("file", { path: "/f", text }), step("command", { run: "late" }, { name: "late" })],
            outputs: { url: { value: text }, late: { fromStep: "late" } },
          }),
        ]);
      });
      const placed = (name: string) =>
        Object.fromEntries(
          world.placements
            .filter((each) => each.deployment === name)
            .map(({ role: index, how: { count, spread, ...how } }) => [
              roleNames[index]!,
              { ...how, ...(count === undefined ? {} : { count }), ...(spread === undefined ? {} : { spread }) },
            ]),
        );
      const of = cluster(nodes, [deployment("x", placed("x")), deployment("y", placed("y"))]);
      const made = make(of, clamps, { settings: pw });
      if (made.problems.some((each) => each.code === "CYCLE")) withCycle += 1;
      const body = planOf(made, of, ["none"], 0);
      expect(planDigest(body)).toMatch(/^sha256:/u);
      expect(made.problems.length > 0 || body.nodeRoles.length === made.graph.nodeRoles.length).toBe(true);
      for (const each of made.problems) expect(each.hint.length).toBeGreaterThan(5);
    }),
    { numRuns: 300 },
  );
  expect(withCycle).toBeGreaterThan(0);
});

test("a secret never shows in what a plan tells", () => {
  const words = fc.array(
    fc.constantFrom("{{ set.pw }}", "{{ set.pw | upcase }}", "{{ set | json }}", "x", "{% if set.pw != '' %}{{ set.pw }}{% endif %}"),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(words, (parts) => {
      const secret = "tOp5eCret";
      const one = role("a", {
        steps: [step("file", { path: parts.join(""), text: parts.join("") })],
        outputs: { o: { value: parts.join("") } },
      });
      const two = role("b", { inputs: { i: "a.o" }, steps: [step("file", { path: "/{{ inputs.i }}" })] });
      const of = cluster([node("n-1")], [deployment("x", { a: "all", b: "all" })]);
      const made = make(of, [barclamp("c", [one, two])], { settings: pw, secrets: () => ({ value: secret, version: 1 }) });
      const body = planOf(made, of, ["create"], 0);
      expect(canonicalJson(body).toLowerCase()).not.toContain(secret.toLowerCase());
      expect(made.resolve("n-1/b").resolved.steps[0]?.secret).toBe(parts.some((each) => each !== "x"));
    }),
    { numRuns: 100 },
  );
});
