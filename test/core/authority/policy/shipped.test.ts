import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import { runPolicyFixture } from "../../../../src/core/authority/policy/fixture.ts";
import { policyFixtureSchema } from "../../../../src/core/authority/policy/fixture-file.ts";
import { fixtureWorlds } from "../../../../src/core/authority/policy/fixture-worlds.ts";
import { loadPolicy } from "../../../../src/core/authority/policy/load-policy.ts";
import type { PolicySet } from "../../../../src/core/authority/policy/rule.ts";
import { readYaml } from "../../../../src/core/files/yaml-tree.ts";
import { secondOpinion } from "./second-engine.ts";

const folder = join(import.meta.dirname, "../../../../policy");
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => ({ file: `policy/${name}`, text: readFileSync(join(folder, name), "utf8") }));
const fixtures = readdirSync(join(folder, "fixtures")).map((name) => ({
  file: `policy/fixtures/${name}`,
  text: readFileSync(join(folder, "fixtures", name), "utf8"),
}));

function policy(): PolicySet {
  const loaded = loadPolicy(shipped, []);
  expect(loaded.problems).toEqual([]);
  if (loaded.policy === undefined) throw new Error("no policy");
  return loaded.policy;
}

describe("the rules that come with Halligan", () => {
  test("every expression passes the check that a cluster's own rules must pass", () => {
    expect(loadPolicy([], shipped).problems).toEqual([]);
  });

  test.each(fixtures)("$file", async (source) => {
    const result = await runPolicyFixture(source, policy(), inProcessEngine);
    expect(result).toMatchObject({ outcome: "passed", differences: [], problems: [] });
  });

  test("each rule has a fixture in which it finds something and one in which it does not", async () => {
    const found = new Set<string>();
    const passed = new Set<string>();
    for (const source of fixtures) {
      for (const [rule, { outcomes }] of await outcomesOf(source)) {
        if (outcomes.includes("fail")) found.add(rule);
        if (outcomes.includes("passed") || outcomes.includes("skipped")) passed.add(rule);
      }
    }
    const all = policy().rules.map((rule) => rule.id);
    expect(all.filter((rule) => !found.has(rule))).toEqual([]);
    expect(all.filter((rule) => !passed.has(rule))).toEqual([]);
  });

  test.each(fixtures)("another implementation of CEL says the same: $file", async (source) => {
    let compared = 0;
    for (const [rule, { outcomes, other }] of await outcomesOf(source)) {
      const words = { passed: "passed", skipped: "skipped", fail: "failed", unknown: "undecided", error: "undecided" } as const;
      expect([rule, outcomes.map((each) => words[each]).toSorted()]).toEqual([rule, [...other.values()].toSorted()]);
      compared += other.size;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

type Outcome = "passed" | "skipped" | "fail" | "unknown" | "error";

/** Every rule on the world of a fixture, whatever the fixture expects. */
async function outcomesOf(source: (typeof fixtures)[number]) {
  const { rules, settings } = policy();
  const fixture = policyFixtureSchema.parse(readYaml(source.file, source.text).value);
  const { before, after, surroundings } = fixtureWorlds(fixture, settings, source.file);
  const all = new Map<string, { readonly outcomes: readonly Outcome[]; readonly other: ReturnType<typeof secondOpinion> }>();
  for (const shippedRule of rules) {
    const rule = { ...shippedRule, params: { ...shippedRule.params, ...fixture.params?.[shippedRule.id] } } as typeof shippedRule;
    const job = { rules: [rule], surroundings, worlds: [before, after], deadlineMs: 1_000 };
    const [[, verdict] = []] = await inProcessEngine.judge(job);
    if (verdict === undefined) throw new Error("no verdict");
    const outcomes: Outcome[] = [
      ...Array.from({ length: verdict.passed }, () => "passed" as const),
      ...Array.from({ length: verdict.skipped }, () => "skipped" as const),
      ...verdict.findings.map((each) => each.outcome),
    ];
    all.set(rule.id, { outcomes, other: secondOpinion(rule, job) });
  }
  return all;
}
