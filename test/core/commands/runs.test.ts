import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyCommand } from "../../../src/core/commands/apply.ts";
import { cancelCommand } from "../../../src/core/commands/cancel.ts";
import { logsCommand } from "../../../src/core/commands/logs.ts";
import { pauseCommand } from "../../../src/core/commands/pause.ts";
import { planCommand } from "../../../src/core/commands/plan.ts";
import { diffCommand } from "../../../src/core/commands/diff.ts";
import { runsCommand } from "../../../src/core/commands/runs.ts";
import { statusCommand } from "../../../src/core/commands/status.ts";
import { verifyCommand } from "../../../src/core/commands/verify.ts";
import { watchCommand } from "../../../src/core/commands/watch.ts";
import { whyCommand } from "../../../src/core/commands/why.ts";
import { lastTrouble } from "../../../src/core/commands/why-last.ts";
import type { Passing } from "../../../src/core/commands/command.ts";
import { problem } from "../../../src/core/errors.ts";
import type { House } from "../../../src/core/house.ts";
import { toStored } from "../../../src/core/journal/events.ts";
import { readRun } from "../../../src/core/run/annealer.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { sampleFacts } from "../inventory/sample.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";

let folder: string;
let house: FakeHouse;
const changing = planBody(plannedNodeRole("n1", "web"), plannedNodeRole("n2", "web", { after: ["n1/web"], cohort: 1 }));
const unchanged = planBody(
  plannedNodeRole("n1", "web", { action: "skip", steps: [{ id: "file:/x", kind: "file", label: "file /x", change: "none" }] }),
);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-commands-"));
  house = await openFakeHouse(folder, changing);
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const started = {
  type: "run.started",
  v: 1,
  run: "R-1",
  plan: "P-1",
  digest: "sha256:02",
  by: "ann",
  nodeRoles: 2,
  steps: 2,
  engine: "deck:4711",
} as const;
const moved = (id: `${string}/${string}`, state: "transition" | "active" | "error", attempt = 1) =>
  ({ type: "noderole.moved", v: 1, id, state, attempt }) as const;
const isEvent = (type: string) => (passing: Passing) => passing.type === "event" && passing.event.type === type;
const apply = { targets: [], wait: false, detach: false };
const lines = (passed: readonly Passing[]): string =>
  passed.flatMap((each) => (each.type === "log" ? `${each.node}/${each.role}: ${each.text}` : [])).join("");

describe("plan and diff", () => {
  test("the document has the promised shape and summary", async () => {
    const { document, exit } = await call(house, planCommand, { deployments: [] }).answer;
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      halligan: 1,
      kind: "plan",
      id: "P-1",
      digest: "sha256:02",
      cluster: "test",
      deployments: ["all"],
      summary: { nodeRoles: 2, create: 2, change: 0, destroy: 0, unchanged: 0, unknown: 0, steps: 2 },
      nodeRoles: [
        {
          id: "n1/web",
          node: "n1",
          role: "web",
          cohort: 0,
          action: "apply",
          steps: [{ id: "file:/x", kind: "file", label: "file /x", change: "create" }],
        },
        { id: "n2/web", cohort: 1 },
      ],
      problems: [],
      criticalPath: ["n1/web", "n2/web"],
    });
  });

  test("a node that does not answer gives the exit code of its problem, and the plan", async () => {
    const blocked = problem("HOST_UNREACHABLE", { message: "n2 does not answer.", at: { node: "n2" } });
    house.body = { ...planBody(plannedNodeRole("n1", "web"), plannedNodeRole("n2", "web", { blocked })), problems: [blocked] };
    const { document, exit } = await call(house, planCommand, { deployments: [] }).answer;
    expect(exit).toBe(5);
    expect(document["nodeRoles"]).toHaveLength(2);
  });

  test("diff shows a stored plan; plans and deployments do not mix", async () => {
    await call(house, planCommand, { deployments: [] }).answer;
    house.body = unchanged;
    expect((await call(house, diffCommand, { targets: ["P-1"] }).answer).document).toMatchObject({
      kind: "diff",
      id: "P-1",
      summary: { create: 2 },
    });
    expect(await codesOf(call(house, diffCommand, { targets: ["P-1", "web"] }).answer)).toEqual(["USAGE"]);
    expect(await codesOf(call(house, diffCommand, { targets: ["P-9"] }).answer)).toEqual(["RUN_NOT_FOUND"]);
  });

  test("why wants NODE/ROLE", async () => {
    expect(await codesOf(call(house, whyCommand, { nodeRole: "web1" }).answer)).toEqual(["NODE_ROLE_UNKNOWN"]);
  });
});

describe("apply", () => {
  test("without a terminal and --yes it refuses, and no run is made", async () => {
    expect(await codesOf(call(house, applyCommand, apply).answer)).toEqual(["CONFIRM_NEEDED"]);
    expect((await call(house, runsCommand, { limit: 20 }).answer).document["runs"]).toEqual([]);
  });

  test("a no ends it with exit 6 and changes nothing", async () => {
    const answer = await call(house, applyCommand, apply, false).answer;
    expect(answer).toEqual({ exit: 6, document: { halligan: 1, kind: "declined", plan: "P-1" } });
  });

  test("passes the plan, then every event in order; the last one is run.ended", async () => {
    const going = call(house, applyCommand, apply, true);
    await going.until(isEvent("intent.run"));
    await house.append(started, moved("n1/web", "transition"), moved("n1/web", "active"));
    await house.end("succeeded");
    const { exit, document } = await going.answer;
    expect(exit).toBe(0);
    expect(document).toMatchObject({ kind: "run", type: "run.ended", run: "R-1", plan: "P-1", phase: "succeeded" });
    const events = going.passed.flatMap((each) => (each.type === "event" ? each.event : []));
    expect(going.passed.map((each) => each.type).slice(0, 2)).toEqual(["progress", "plan"]);
    expect(events.map((event) => event.type)).toEqual(["intent.run", "run.started", "noderole.moved", "noderole.moved", "run.ended"]);
    expect(events.every((event) => event.seq > 0 && event.at > 0)).toBe(true);
    expect(going.offers.size).toBe(0);
  });

  test.each([
    ["failed", 1],
    ["cancelled", 6],
  ] as const)("a run that ended %s gives exit %i", async (phase, exit) => {
    const going = call(house, applyCommand, apply, true);
    await going.until(isEvent("intent.run"));
    await house.end(phase);
    expect((await going.answer).exit).toBe(exit);
  });

  test("an empty plan asks nobody and runs all the same", async () => {
    house.body = unchanged;
    const going = call(house, applyCommand, apply);
    await going.until(isEvent("intent.run"));
    await house.end("succeeded");
    expect((await going.answer).exit).toBe(0);
  });

  test("a plan of other files is refused as outdated", async () => {
    await call(house, planCommand, { deployments: [] }).answer;
    house.revision = "sha256:99";
    const refused = call(house, applyCommand, { ...apply, targets: ["P-1"] }, true);
    expect(await codesOf(refused.answer)).toEqual(["PLAN_OUTDATED"]);
    expect(refused.passed).toEqual([]);
  });

  test("a second run waits behind one that is open; with --no-queue it is refused, and with --wait it is planned afterwards", async () => {
    const first = call(house, applyCommand, apply, true);
    await first.until(isEvent("intent.run"));
    expect(await codesOf(call(house, applyCommand, { ...apply, queue: false }, true).answer)).toEqual(["RUN_ACTIVE"]);
    const second = call(house, applyCommand, { ...apply, wait: true, detach: true }, true);
    await second.until((passing) => passing.type === "progress" && passing.what === "wait");
    await house.end("succeeded");
    expect((await second.answer).document).toMatchObject({ kind: "detached", run: "R-2", engine: { host: "deck", pid: 4711 } });
    const third = call(house, applyCommand, { ...apply, detach: true }, true);
    expect((await third.answer).document).toMatchObject({ kind: "detached", run: "R-3" });
    expect(third.passed).toContainEqual({ type: "progress", what: "queue", done: 0, total: 1, item: "R-2" });
  });

  test("leaving detaches: exit 0, the run is still open, and says whose engine has it", async () => {
    const going = call(house, applyCommand, apply, true);
    await going.until(isEvent("intent.run"));
    going.leave();
    expect(await going.answer).toEqual({
      exit: 0,
      document: { halligan: 1, kind: "detached", run: "R-1", plan: "P-1", engine: { host: "deck", pid: 4711 } },
    });
    expect((await readRun(house.store, "R-1")).map((event) => event.type)).toEqual(["intent.run"]);
  });

  test("the offered way to cancel puts it into the journal", async () => {
    const going = call(house, applyCommand, apply, true);
    await going.until(isEvent("intent.run"));
    await going.offers.get("R-1")?.("now");
    await going.until(isEvent("intent.cancel"));
    await house.end("cancelled");
    expect((await going.answer).exit).toBe(6);
  });
});

describe("a run that goes on", () => {
  beforeEach(async () => {
    await call(house, applyCommand, { ...apply, detach: true }, true).answer;
    await house.append(started, moved("n1/web", "transition"));
  });

  test("two people watch it at once, from its first event, and one leaves", async () => {
    const other = await openFakeHouse(folder, changing);
    const [here, there] = [call(house, watchCommand, {}), call(other, watchCommand, { run: "R-1" })];
    await Promise.all([here.until(isEvent("noderole.moved")), there.until(isEvent("noderole.moved"))]);
    there.leave();
    expect((await there.answer).document).toMatchObject({ kind: "detached" });
    await house.append(moved("n1/web", "active"));
    await house.end("succeeded");
    expect((await here.answer).exit).toBe(0);
    expect(here.passed.flatMap((each) => (each.type === "event" ? each.event.version : []))).toEqual([1, 2, 3, 4, 5]);
    await other.close();
  });

  test("pause and cancel reach the journal once it has a run to speak of", async () => {
    expect((await call(house, pauseCommand, {}).answer).document).toMatchObject({ kind: "asked", run: "R-1", asked: "pause" });
    expect((await call(house, cancelCommand, { now: false, abandon: true }).answer).document).toMatchObject({
      asked: "cancel",
      how: "abandon",
    });
    expect(() => call(house, cancelCommand, { now: true, abandon: true })).toThrow("USAGE");
    await house.end("cancelled");
    expect(await codesOf(call(house, pauseCommand, {}).answer)).toEqual(["RUN_ENDED"]);
    expect(await codesOf(call(house, pauseCommand, { run: "R-7" }).answer)).toEqual(["RUN_NOT_FOUND"]);
  });

  test("status tells the run, its progress and what failed", async () => {
    const why = problem("STEP_FAILED", { message: "n1/web: file /x: exit code 1", at: { node: "n1", role: "web" } });
    await house.append({ ...moved("n1/web", "error"), problem: why });
    const { document } = await call(house, statusCommand, {}).answer;
    expect(document).toMatchObject({
      cluster: "test",
      activeRun: { run: "R-1", phase: "running", progress: { nodeRoles: { total: 2, done: 0, lost: 1 } } },
      lastRun: null,
      lastPlan: "P-1",
      nodes: [
        { node: "n1", seenAt: null },
        { node: "n2", seenAt: null },
      ],
    });
    expect(document["nodeRoles"]).toMatchObject([
      { id: "n1/web", state: "error", problem: { code: "STEP_FAILED" } },
      { id: "n2/web", state: "waiting" },
    ]);
  });

  test("status counts the nodes of the file, not every name that a node was once looked at by", async () => {
    const known: ReturnType<House["knownFacts"]> = Promise.resolve(new Map([["once", { at: 1, facts: sampleFacts }]]));
    const { document } = await call({ ...house, knownFacts: () => known }, statusCommand, {}).answer;
    expect(document["nodes"]).toMatchObject([{ node: "n1" }, { node: "n2" }]);
  });

  test("why tells what failed, and of what was not started what failed before it; a good end is no trouble", async () => {
    const why = problem("STEP_FAILED", { message: "n1/web: file /x: exit code 1", at: { node: "n1", role: "web" } });
    const held = problem("BLOCKED_BY_FAILURE", { message: "n2/web was not started: n1/web failed.", at: { node: "n2", role: "web" } });
    await house.append({ ...moved("n1/web", "error"), problem: why }, { ...moved("n2/web", "error"), state: "blocked", problem: held });
    expect(await lastTrouble(house.store, "n1/web")).toMatchObject({
      run: "R-1",
      state: "error",
      problem: { code: "STEP_FAILED" },
      behind: [],
    });
    expect(await lastTrouble(house.store, "n2/web")).toMatchObject({ state: "blocked", behind: [{ code: "STEP_FAILED" }] });
    expect(await lastTrouble(house.store, "n3/web")).toBeUndefined();
    await house.append(moved("n1/web", "active"));
    expect(await lastTrouble(house.store, "n1/web")).toBeUndefined();
  });

  test("status leaves out what was forgotten since, until a run meets it again", async () => {
    const shown = async () => (await call(house, statusCommand, {}).answer).document["nodeRoles"];
    await house.append(moved("n1/web", "error"));
    await sleep(5);
    await house.store.append("standing", [
      toStored({ type: "noderole.forgotten", v: 1, ids: ["n1/web"], by: "ann", reason: "its disks died" }),
    ]);
    expect(await shown()).toMatchObject([{ id: "n2/web", state: "waiting" }]);
    await sleep(5);
    await house.append(moved("n1/web", "error", 2));
    expect(await shown()).toMatchObject([{ id: "n1/web", state: "error" }, { id: "n2/web" }]);
  });

  test("logs are followed by two at once: whole lines, nothing twice, also of jobs that start later", async () => {
    const log = { run: "R-1", node: "n1", role: "web" };
    await house.logs.append(log, Buffer.from("one\ntw"));
    const [all, tail] = [
      call(house, logsCommand, { of: [], follow: true }),
      call(house, logsCommand, { of: ["n1"], follow: true, tail: 0 }),
    ];
    await all.until((passing) => passing.type === "log");
    await house.logs.append(log, Buffer.from("o ü\nthree"));
    await house.append(moved("n1/web", "active"), moved("n2/web", "transition"));
    await house.logs.append({ ...log, node: "n2" }, Buffer.from("four\n"));
    await house.end("succeeded");
    await Promise.all([all.answer, tail.answer]);
    expect(lines(all.passed.filter((each) => each.type !== "log" || each.node === "n1")).replaceAll("n1/web: ", "")).toBe(
      "one\ntwo ü\nthree",
    );
    expect(lines(all.passed)).toContain("n2/web: four\n");
    expect(lines(tail.passed)).not.toContain("one");
    expect(lines(tail.passed)).not.toContain("four");
  });

  test("logs of one node-role: its last lines, its second attempt; an unknown name is refused", async () => {
    await house.append(moved("n1/web", "transition", 2));
    await house.logs.append({ run: "R-1", node: "n1", role: "web" }, Buffer.from("a\nb\nc\n"));
    await house.logs.append({ run: "R-1", node: "n1", role: "web.2" }, Buffer.from("d\n"));
    const got = call(house, logsCommand, { of: ["R-1", "n1/web"], follow: false, tail: 2 });
    expect((await got.answer).document).toMatchObject({ kind: "logs", run: "R-1", logs: [{ role: "web" }, { role: "web.2" }] });
    expect(lines(got.passed)).toBe("n1/web: b\nc\nn1/web.2: d\n");
    expect(await codesOf(call(house, logsCommand, { of: ["n9"], follow: false }).answer)).toEqual(["NODE_ROLE_UNKNOWN"]);
    expect(await codesOf(call(house, logsCommand, { of: ["R-1", "R-2"], follow: false }).answer)).toEqual(["USAGE"]);
  });
});

test("without any run there is nothing to watch, and it says what to do", async () => {
  expect(await codesOf(call(house, watchCommand, {}).answer)).toEqual(["RUN_NOT_FOUND"]);
});

test("verify ends with the exit code of what did not pass", async () => {
  house.verified = [
    { id: "n1/web", durationMs: 5 },
    { id: "n2/web", durationMs: 7, problem: problem("VERIFY_FAILED", { message: "n2/web: port 80 is closed" }) },
  ];
  const { exit, document } = await call(house, verifyCommand, { deployments: [], prove: false, capability: [] }).answer;
  expect(exit).toBe(1);
  expect(document["nodeRoles"]).toEqual([
    { id: "n1/web", ok: true, durationMs: 5 },
    { id: "n2/web", ok: false, durationMs: 7 },
  ]);
});
