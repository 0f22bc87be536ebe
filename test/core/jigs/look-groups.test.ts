import fc from "fast-check";
import { expect, test } from "vitest";
import type { LookInput } from "../../../src/core/jigs/resolved.ts";
import { lookGroups } from "../../../src/core/jigs/shell/look-groups.ts";
import { nodeRole, step } from "../../integration/jigs/run-script.ts";

/** A node-role of so many files, guarded commands and conditions. */
function one(name: string, files: number, guarded = 0, conditions = 0): { readonly name: string; readonly input: LookInput } {
  const times = (count: number, make: (at: number) => ReturnType<typeof step>) => Array.from({ length: count }, (_, at) => make(at));
  const steps = [
    ...times(files, (at) => step("file", { path: `/${name}/${at}` })),
    ...times(guarded, (at) => step("command", { name: `c${at}`, run: "true", unless: "true" })),
  ];
  const checks = times(conditions, (at) => step("command", { name: `k${at}`, run: "true" }));
  return { name, input: { nodeRole: nodeRole(steps, { id: `n1/${name}` }), checks } };
}

const sizes = (groups: readonly (readonly unknown[])[]): readonly number[] => groups.map((group) => group.length);

test("what is quickly looked at is looked at in one script, however many node-roles there are", () => {
  const all = Array.from({ length: 20 }, (_, at) => one(`r${at}`, 5));
  expect(sizes(lookGroups(all, 4))).toEqual([20]);
  expect(lookGroups([], 4)).toEqual([]);
});

test("a command that may make something is no program that is asked", () => {
  const steps = [step("command", { run: "make", creates: "/srv/made" }), step("command", { run: "once" })];
  const all = Array.from({ length: 12 }, (_, at) => ({ input: { nodeRole: nodeRole(steps, { id: `n1/r${at}` }) } }));
  expect(sizes(lookGroups(all, 4))).toEqual([12]);
});

test("programs that may take their time go on side by side", () => {
  expect(sizes(lookGroups([one("a", 1, 4), one("b", 1)], 4))).toEqual([2]);
  expect(sizes(lookGroups([one("a", 1, 8), one("b", 1, 8), one("c", 1)], 4)).toSorted()).toEqual([1, 2]);
  const many = Array.from({ length: 40 }, (_, at) => one(`r${at}`, 0, at % 2, (at + 1) % 2));
  expect(sizes(lookGroups(many, 4))).toEqual([10, 10, 10, 10]);
  const containers = Array.from({ length: 8 }, (_, at) => ({
    input: { nodeRole: nodeRole([step("container", { name: `c${at}`, image: "x" })], { id: `n1/r${at}` }) },
  }));
  expect(sizes(lookGroups(containers, 4))).toEqual([4, 4]);
});

test("no script grows without end, and none is lost", () => {
  const amounts = fc.record({ files: fc.nat(120), guarded: fc.nat(6), conditions: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(amounts, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (list, lanes) => {
      const all = list.map(({ files, guarded, conditions }, at) => one(`r${at}`, files, guarded, conditions));
      const groups = lookGroups(all, lanes);
      expect(
        groups
          .flat()
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual(all.map(({ name }) => name).toSorted());
      for (const group of groups)
        expect(group.length === 1 || group.reduce((sum, { input }) => sum + input.nodeRole.steps.length, 0) <= 2 * 256).toBe(true);
    }),
    { numRuns: 60 },
  );
});
