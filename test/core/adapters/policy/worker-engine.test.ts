import { afterEach, describe, expect, test } from "vitest";
import { createWorkerEngine, type WorkerEngine } from "../../../../src/core/adapters/policy/worker-engine.ts";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import { memory, rule, surroundings, world } from "../../authority/policy/worlds.ts";

const engines: WorkerEngine[] = [];
function engine(): WorkerEngine {
  const made = createWorkerEngine();
  engines.push(made);
  return made;
}
afterEach(async () => {
  for (const each of engines.splice(0)) await each.close();
});

const names = Array.from({ length: 300 }, (_, index) => `n${index + 1}`);
const nested = "nodes.all(a, nodes.all(b, nodes.all(c, nodes.all(d, a.name + b.name + c.name + d.name != '')))) ";

describe("rules in a worker", () => {
  test("a rule that would take hours is stopped and told, and the rules around it are judged", async () => {
    const rules = [
      rule({ id: "before", require: "node.name != 'n7'" }),
      rule({ id: "hostile", scope: "plan", require: nested }),
      rule({ id: "after", scope: "plan", require: "nodes.size() == 300" }),
    ];
    const verdicts = await engine().judge({ rules, surroundings: surroundings(), worlds: [world(names)], deadlineMs: 300 });
    expect(verdicts.map(([each]) => [each?.rule, each?.timedOut, each?.passed])).toEqual([
      ["before", false, 299],
      ["hostile", true, 0],
      ["after", false, 1],
    ]);
  });

  test("a rule that builds ever larger values is stopped, too", async () => {
    const doubled = (expression: string): string => `flatten([${expression}, ${expression}])`;
    let grown = "nodes.map(n, [n, n, n])";
    for (let round = 0; round < 6; round += 1) grown = doubled(grown);
    const rules = [
      rule({ id: "grow", scope: "plan", require: `nodes.map(a, nodes.map(b, nodes.map(c, nodes.map(d, ${grown})))).size() > 0` }),
      rule({ id: "after", require: "true" }),
    ];
    const [first, second] = await engine().judge({ rules, surroundings: surroundings(), worlds: [world(names)], deadlineMs: 2_000 });
    expect(first?.[0]?.timedOut).toBe(true);
    expect(second?.[0]).toMatchObject({ passed: 300, timedOut: false });
  });

  test("a regular expression that never ends is stopped", async () => {
    const rules = [rule({ require: `("a".matches("a") && "${"a".repeat(60)}!".matches("^(a+)+$"))` })];
    const [verdict] = await engine().judge({ rules, surroundings: surroundings(), worlds: [world(["n1"])], deadlineMs: 300 });
    expect(verdict?.[0]?.timedOut).toBe(true);
  });

  test("the worker says what the same rules say in process, for both states, job after job", async () => {
    const job = {
      rules: [
        rule({
          require: "facts.memory.totalBytes >= 2 * GiB",
          message: [{ expression: "facts.memory.totalBytes / MiB" }, { text: " MiB" }],
        }),
        rule({
          id: "rack",
          scope: "role",
          require: "distinct(members.map(m, m.labels.rack)).size() >= 3",
          evidence: [["count", "role.count"]],
        }),
      ],
      surroundings: surroundings({ n1: memory(4096), n2: memory(512) }),
      worlds: [world(["n1"]), world(["n1", "n2", "n3"])],
      deadlineMs: 5_000,
    };
    const worker = engine();
    const [one, two] = await Promise.all([worker.judge(job), worker.judge(job)]);
    expect(one).toEqual(await inProcessEngine.judge(job));
    expect(two).toEqual(one);
    expect(one[0]?.[1]?.findings.map((each) => [each.subject, each.outcome, each.message])).toEqual([
      ["node:n2", "fail", "512 MiB"],
      ["node:n3", "unknown", "the facts that it reads are not known (n3: never seen)"],
    ]);
  });
});
