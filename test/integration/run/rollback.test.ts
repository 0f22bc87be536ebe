import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { proposeCommitCommand } from "../../../src/core/commands/intent/propose-on.ts";
import { setCommand } from "../../../src/core/commands/intent/propose.ts";
import { rollbackCommand } from "../../../src/core/commands/intent/rollback.ts";
import type { RollbackDocument } from "../../../src/core/commands/intent/rollback-run.ts";
import { refuseOld } from "../../../src/core/commands/planning.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import { readPlan } from "../../../src/core/run/requests.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { closeHouse } from "../../support/close-house.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";

let lab: TestLab;
let house: EngineHouse;
let file: string;

const barclamp = (mark: string): string => `barclamp: mark
version: 1.0.0
attributes:
  say: { type: string, default: nothing }
roles:
  mark:
    steps:
      - file: { path: /opt/mark, content: "{{ set.say }}${mark}" }
`;
const deployments =
  "deployments:\n  # who says what\n  one:\n    place: { mark: { on: name=n1 } }\n    set:\n      mark: { say: first }   # a word\n  two:\n    place: { mark: { on: name=n2 } }\n";

beforeAll(async () => {
  lab = await startSandbox(2);
  file = writeCluster(lab, deployments, { "barclamps/mark/barclamp.yaml": barclamp("") });
  house = await openLocalHouse({ file });
});

afterAll(async () => {
  await closeHouse(house);
  await lab?.dispose();
});

/** As the next command finds it: files are read once in a house. */
async function again(): Promise<void> {
  await house.close();
  house = await openLocalHouse({ file });
}

async function planned(): Promise<Plan> {
  return await house.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal });
}

async function applied(plan: Plan): Promise<unknown> {
  await refuseOld(house, plan);
  const { run } = await house.requestRun(plan, "ann");
  let phase: unknown;
  for await (const { event } of house.follow(run, new AbortController().signal)) if (event.type === "run.ended") phase = event.phase;
  return [run, phase];
}

async function rollback(to?: string): Promise<RollbackDocument> {
  const { document } = await call(house, rollbackCommand, { deployment: "one", to, commit: false }).answer;
  return document as unknown as RollbackDocument;
}

test("a deployment goes back by a proposal, and where the file cannot say it, by its kept revision", { timeout: 180_000 }, async () => {
  expect(await applied(await planned())).toEqual(["R-1", "succeeded"]);
  expect(await codesOf(call(house, rollbackCommand, { deployment: "one", commit: false }).answer)).toEqual(["ROLLBACK_NOWHERE"]);
  const first = readFileSync(file, "utf8");
  const wish = { changes: ["mark.say=second"], unset: [], deployment: "one", commit: true };
  await call(house, setCommand, wish).answer;
  await again();
  expect(await applied(await planned())).toEqual(["R-2", "succeeded"]);

  const back = await rollback();
  expect(back).toMatchObject({
    way: "proposal",
    revision: "V-1",
    run: "R-1",
    differs: [],
    proposal: { did: "made", paths: ["deployments.one.set.mark.say"] },
  });
  expect(back.plan.deployments).toEqual(["one"]);
  expect(JSON.stringify(back.plan.nodeRoles)).toContain("+first");
  const plan = await readPlan(house.store, back.plan.id);
  await expect(applied(plan)).rejects.toThrow(/PLAN_OUTDATED/u);
  await call(house, proposeCommitCommand, { proposal: back.proposal?.proposal ?? "" }).answer;
  await again();
  expect(await applied(plan)).toEqual(["R-3", "succeeded"]);
  expect(readFileSync(file, "utf8")).toBe(first);

  writeFileSync(join(lab.folder, "barclamps/mark/barclamp.yaml"), barclamp("!"));
  await again();
  expect(await applied(await planned())).toEqual(["R-4", "succeeded"]);
  const kept = await rollback("R-3");
  expect(kept).toMatchObject({
    way: "revision",
    revision: "V-1",
    plan: { deployments: ["one"], purpose: { kind: "rollback", revision: "V-1" } },
  });
  expect(kept.proposal).toBeUndefined();
  expect(kept.differs.join()).toMatch(/^barclamp mark: was version 1.0.0/u);
  await again();
  expect(await applied(await readPlan(house.store, kept.plan.id))).toEqual(["R-5", "succeeded"]);
  const { body } = await planned();
  expect(body.nodeRoles.map(({ id, action }) => [id, action])).toEqual([
    ["n1/mark", "apply"],
    ["n2/mark", "skip"],
  ]);
});
