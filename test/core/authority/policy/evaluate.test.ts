import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import { noPlan } from "../../../../src/core/authority/policy/plan-view.ts";
import type { RuleCode } from "../../../../src/core/authority/policy/rule.ts";
import type { NodeFacts, Surroundings, World } from "../../../../src/core/authority/policy/world.ts";
import { memory, rule, setting, surroundings, world } from "./worlds.ts";

async function judged(given: RuleCode, state: World, around: Surroundings) {
  const [[verdict] = []] = await inProcessEngine.judge({ rules: [given], surroundings: around, worlds: [state], deadlineMs: 1_000 });
  if (verdict === undefined) throw new Error("no verdict");
  return verdict;
}

/** Outcome of a rule on the only node n1. */
async function outcome(require: string, facts: Readonly<Record<string, NodeFacts>>, more: Partial<RuleCode> = {}): Promise<string> {
  const { passed, skipped, findings } = await judged(rule({ require, ...more }), world(["n1"]), surroundings(facts));
  return findings[0]?.outcome ?? (passed > 0 ? "pass" : skipped > 0 ? "skip" : "nothing");
}

describe("facts that are not known", () => {
  const known = { n1: memory(8192) };
  const stale = { n1: { known: false, why: "seen 30 h ago" } as const };
  const gap = { n1: memory(8192, { memory: null, gaps: [{ part: "memory", reason: "no /proc" }] }) };

  test.each([
    ["facts.memory.totalBytes > GiB", known, "pass"],
    ["facts.memory.totalBytes > 100 * GiB", known, "fail"],
    ["facts.memory.totalBytes > GiB", {}, "unknown"],
    ["facts.memory.totalBytes > GiB", stale, "unknown"],
    ["facts.memory.totalBytes > GiB", gap, "unknown"],
    ["facts.disks.size() > 0", known, "unknown"],
    ["has(facts.memory.totalBytes)", stale, "unknown"],
    // what does not depend on them is decided
    ["facts.memory.totalBytes > GiB || node.name == 'n1'", stale, "pass"],
    ["node.name == 'n1' || facts.memory.totalBytes > GiB", stale, "pass"],
    ["facts.memory.totalBytes > GiB && node.name == 'n2'", stale, "fail"],
    ["facts.memory.totalBytes > GiB && node.name == 'n1'", stale, "unknown"],
    ["!(facts.memory.totalBytes > GiB)", stale, "unknown"],
    ["[1, 2].exists(n, n > facts.memory.totalBytes)", stale, "unknown"],
    ["facts.known", stale, "fail"],
    ["!facts.known || facts.memory.totalBytes > GiB", stale, "pass"],
  ] as const)("%s", async (require, facts, expected) => {
    expect(await outcome(require, facts)).toBe(expected);
  });

  test("a package that was not asked for and a null value make a rule unknown, not broken", async () => {
    const facts = { n1: memory(1, { packages: { nginx: "1.2" }, nics: [{ name: "eth0", speedMbps: null }] }) };
    expect(await outcome('facts.packages["curl"] != ""', facts)).toBe("unknown");
    expect(await outcome("facts.nics.all(n, n.speedMbps >= 1000)", facts)).toBe("unknown");
    expect(await outcome('facts.packages["nginx"] == "1.2"', facts)).toBe("pass");
  });

  test("an unknown `when` is unknown: nobody can say that the rule does not apply", async () => {
    expect(await outcome("true", stale, { when: "facts.memory.totalBytes > GiB" })).toBe("unknown");
    expect(await outcome("true", stale, { when: "node.name == 'n2' && facts.memory.totalBytes > GiB" })).toBe("skip");
  });

  test("which nodes and why is told", async () => {
    const given = rule({ scope: "role", require: "members.all(m, m.facts.memory.totalBytes > 0)" });
    const { findings } = await judged(given, world(["n1", "n2"]), surroundings({ n1: memory(1), ...{ n2: stale.n1 } }));
    expect(findings[0]).toMatchObject({ subject: "role:web/server", outcome: "unknown", evidence: { facts: { n2: "seen 30 h ago" } } });
  });
});

describe("what is wrong with a rule", () => {
  test.each([
    ["node.labels.nope == 'x'", "No such key: nope"],
    ["1 / 0 == 1", "division by zero"],
    ["set.server.port", "No such key: server"],
    ["node.name", "not true or false"],
  ])("%s is broken, neither passed nor failed", async (require, said) => {
    const { findings, passed } = await judged(rule({ require }), world(["n1"]), surroundings());
    expect([passed, findings[0]?.outcome]).toEqual([0, "error"]);
    expect(findings[0]?.message.toLowerCase()).toContain(said.toLowerCase());
  });

  test("a range that is too long is no number", async () => {
    expect(await outcome("numbers('1-99999999') == [-1]", {})).toBe("pass");
  });

  test("nothing of the machine can be reached", async () => {
    for (const require of ["node.constructor == null", "node.__proto__ == null", "'a'.constructor == null", "set.constructor.name == ''"])
      expect(await outcome(require, {})).toBe("error");
  });

  test("what it finds is bounded", async () => {
    const given = rule({
      scope: "plan",
      require: "false",
      evidence: [["all", "nodes.map(a, nodes.map(b, b))"]],
      message: [{ expression: "evidence.all" }],
    });
    const names = Array.from({ length: 200 }, (_, at) => `n${at}`);
    const { findings } = await judged(given, world(names), surroundings());
    expect(JSON.stringify(findings).length).toBeLessThan(20_000);
  });
});

describe("settings", () => {
  test("a secret is there by name, never by value", async () => {
    const secret = setting("adminPassword", null, { type: "secret", secret: true });
    const state = world(["n1"], [secret, setting("port", 80)]);
    const given = rule({
      require: "settings.exists(s, s.secret && s.value == null) && set.server.port == 80 && set.server.adminPassword == null",
    });
    expect((await judged(given, state, surroundings())).passed).toBe(1);
  });
});

test("the order of nodes, roles, settings and rules does not change a verdict", async () => {
  const names = ["n1", "n2", "n10", "web-1", "a"];
  const rules = [
    rule({
      id: "racks",
      scope: "role",
      require: "distinct(members.map(m, m.labels.rack)) == ['r1']",
      evidence: [["racks", "members.map(m, m.labels.rack)"]],
    }),
    rule({ id: "first", scope: "plan", require: "nodes[0].name == 'zzz'", message: [{ expression: "nodes.map(n, n.name)" }] }),
    rule({ id: "settings", scope: "plan", require: "settings[0].name == 'z'", message: [{ expression: "settings.map(s, s.name)" }] }),
    rule({ id: "memory", require: "facts.memory.totalBytes > 4 * GiB" }),
  ];
  const around = surroundings({ n1: memory(8192), n2: memory(1), a: { known: false, why: "never" } });
  const settings = [setting("b", 1), setting("a", 2), setting("c", "x")];
  const base = world(names, settings);
  const expected = await inProcessEngine.judge({ rules, surroundings: around, worlds: [base], deadlineMs: 1_000 });
  const permutation = <T>(list: readonly T[]): fc.Arbitrary<T[]> => fc.shuffledSubarray([...list], { minLength: list.length });
  await fc.assert(
    fc.asyncProperty(
      permutation(base.state.nodes),
      permutation(base.state.nodeRoles),
      permutation(settings),
      permutation(rules),
      async (nodes, nodeRoles, list, order) => {
        const shuffled: World = { plan: noPlan, state: { ...base.state, nodes, nodeRoles, settings: [list] } };
        const verdicts = await inProcessEngine.judge({ rules: order, surroundings: around, worlds: [shuffled], deadlineMs: 1_000 });
        expect(verdicts.toSorted((a, b) => ((a[0]?.rule ?? "") < (b[0]?.rule ?? "") ? -1 : 1))).toEqual(
          expected.toSorted((a, b) => ((a[0]?.rule ?? "") < (b[0]?.rule ?? "") ? -1 : 1)),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("a fact is read once per node, however many rules and states there are: work grows with nodes, not with their square", async () => {
  const readsFor = async (count: number): Promise<number> => {
    let reads = 0;
    const facts: Record<string, NodeFacts> = {};
    for (let at = 0; at < count; at += 1) {
      const counted = {
        gaps: [],
        get memory() {
          reads += 1;
          return { totalBytes: at, swapBytes: 0 };
        },
      };
      facts[`n${at}`] = { known: true, ageMs: 0, facts: counted };
    }
    const names = Object.keys(facts);
    const rules = Array.from({ length: 50 }, (_, at) => rule({ id: `r${at}`, require: `facts.memory.totalBytes != ${at}` }));
    await inProcessEngine.judge({ rules, surroundings: surroundings(facts), worlds: [world(names), world(names)], deadlineMs: 1_000 });
    return reads;
  };
  const [small, large] = [await readsFor(50), await readsFor(500)];
  expect(small).toBe(50);
  expect(large).toBe(500);
});
