import { queryObjects } from "node:v8";
import { expect, test } from "vitest";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import type { NodeFacts } from "../../../../src/core/authority/policy/world.ts";
import { memory, rule, surroundings, world } from "./worlds.ts";

/** Something of a cluster that can be found in memory. */
class Seen {}

test("the cluster that a rule has judged does not stay in memory", async () => {
  const seen: Record<string, NodeFacts> = { n1: memory(2000, { of: new Seen() }), n2: memory(2000), n3: memory(2000) };
  const [[verdict] = []] = await inProcessEngine.judge({
    rules: [
      rule({
        scope: "role",
        // Of the library's functions, those whose types are known when they are checked are the ones that it remembers something for.
        require: 'members.exists(m, m.facts.memory.totalBytes > GiB && m.name == "n3" && dayOf("2027-03-01") > 0)',
      }),
    ],
    surroundings: surroundings(seen),
    worlds: [world(["n1", "n2", "n3"])],
    deadlineMs: 1_000,
  });
  expect(verdict).toMatchObject({ passed: 1, findings: [] });
  expect(queryObjects(Seen, { format: "count" })).toBe(1);
  Reflect.deleteProperty(seen, "n1");
  expect(queryObjects(Seen, { format: "count" })).toBe(0);
});
