import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeHouse } from "../../support/close-house.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { grantWaiver } from "../../../src/core/authority/policy/waivers.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";

let lab: TestLab;
let file: string;
let house: EngineHouse;
const signal = new AbortController().signal;

const deployments = `deployments:
  a: { place: { slow: all }, rollout: { batch: 1 } }
`;
const barclamp = `barclamp: slow
version: 1.0.0
attributes: { level: { type: integer, default: 7 } }
roles:
  slow: { steps: [ { command: { name: slow, run: "sleep 2; echo {{ set.level }} >> /root/slow", unless: "test -e /root/slow" } } ] }
`;
/** The second rule would take hours. */
const rules = (most: number): string => `halligan: 1
settings: { deadline: 200ms }
rules:
  - { id: level, scope: role, require: set.slow.level < ${most}, level: deny, message: "level {{ set.slow.level }}" }
  - id: hostile
    scope: plan
    require: "${"numbers('1-9999').all(a, ".repeat(4)}true${")".repeat(4)}"
    level: warn
    message: never
`;

beforeAll(async () => {
  lab = await startSandbox(2);
  file = writeCluster(lab, deployments, { "barclamps/slow/barclamp.yaml": barclamp, "policy/rules.yaml": rules(10) });
  house = await openLocalHouse({ file });
});

afterAll(async () => {
  await closeHouse(house);
  await lab?.dispose();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20);
};

test("a plan is judged by the policy under which it was made, although the files were weakened since", async () => {
  const written = join(dirname(file), "policy/rules.yaml");
  writeFileSync(written, rules(5).replace("id: level", "id: early"));
  const plan = await house.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal });
  writeFileSync(written, rules(10));
  const refused = await house.requestRun(plan, "ann").catch((error: unknown) => error);
  expect(refused instanceof HalliganError ? refused.problems.map((each) => each.message) : refused).toEqual(["Rule early: level 7."]);
  expect(refused instanceof HalliganError ? refused.problems[0].hint : "").toContain("`halligan plan` makes a plan under that of now");
});

test("a rule that becomes stricter holds a run before its next batch until it is waived, and lets no new one start", {
  timeout: 90_000,
}, async () => {
  const plan = await house.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal });
  const report = await house.policy.judgePlan(plan);
  expect(report.violations.map(({ rule, outcome, blocks }) => [rule, outcome, blocks])).toEqual([["hostile", "timeout", false]]);
  const { run } = await house.requestRun(plan, "ann");
  const events: Recorded[] = [];
  const end = (async () => {
    for await (const { event } of house.follow(run, signal)) events.push(event);
  })();
  await until(() => events.some((event) => event.type === "noderole.moved" && event.state === "transition"));
  writeFileSync(join(dirname(file), "policy/rules.yaml"), rules(5));
  await until(() => events.some((event) => event.type === "run.held"));
  const held = events.find((event) => event.type === "run.held");
  expect(held?.problems.map(({ code, message }) => [code, message])).toEqual([["POLICY_DENIED", "Rule level: level 7."]]);
  const active = (): number => events.filter((event) => event.type === "noderole.moved" && event.state === "active").length;
  await until(() => active() === 1); // what ran came to its end
  const refused = await house.requestRun(plan, "ann").catch((error: unknown) => error);
  expect(refused instanceof HalliganError ? refused.problems.map((each) => each.code) : refused).toContain("POLICY_DENIED");
  await grantWaiver(house.store, { rule: "level", reason: "test", by: "ann", until: house.clock.now() + 600_000 });
  await end;
  expect(active()).toBe(2);
  expect(events.map((event) => event.type)).toContain("run.released");
  expect(events.at(-1)).toMatchObject({ type: "run.ended", phase: "succeeded" });
});

test("what an applied plan left is what the files are compared with: new, as before, cured", async () => {
  const judged = async (level: number, most: number): Promise<unknown> => {
    writeFileSync(join(dirname(file), "policy/rules.yaml"), rules(most).replace("id: level", "id: other"));
    writeFileSync(file, readFileSync(file, "utf8").replace(/^set: .*\n|(?=^deployments:)/mu, `set: { slow: { level: ${level} } }\n`));
    const later = await openLocalHouse({ file });
    const { violations, cured } = await later.policy.judgeFiles([]).finally(() => later.close());
    return [violations.filter((each) => each.rule === "other").map((each) => each.change), cured.map((each) => each.rule)];
  };
  expect(await judged(7, 5)).toEqual([["unchanged"], []]);
  expect(await judged(12, 10)).toEqual([["new"], []]);
  expect(await judged(3, 5)).toEqual([[], ["other"]]);
});
