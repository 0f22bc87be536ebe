import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { takeLocks } from "../../../src/core/authority/locks/lock-desk.ts";
import { breakglassCommand } from "../../../src/core/commands/authority/breakglass.ts";
import { freezeCommand } from "../../../src/core/commands/authority/freeze.ts";
import { freezesCommand } from "../../../src/core/commands/authority/freezes.ts";
import { handoffCommand } from "../../../src/core/commands/authority/handoff.ts";
import { lockCommand } from "../../../src/core/commands/authority/lock.ts";
import { locksCommand } from "../../../src/core/commands/authority/locks.ts";
import { queueCommand } from "../../../src/core/commands/authority/queue.ts";
import { scheduleCommand } from "../../../src/core/commands/authority/schedule.ts";
import { unfreezeCommand } from "../../../src/core/commands/authority/unfreeze.ts";
import { unlockCommand } from "../../../src/core/commands/authority/unlock.ts";
import { unscheduleCommand } from "../../../src/core/commands/authority/unschedule.ts";
import { runsCommand } from "../../../src/core/commands/runs.ts";
import { statusCommand } from "../../../src/core/commands/status.ts";
import { problem } from "../../../src/core/errors.ts";
import type { House, LoadedCluster } from "../../../src/core/house.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";

let folder: string;
let fake: FakeHouse;
let house: House;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-locks-"));
  fake = await openFakeHouse(folder, planBody(plannedNodeRole("n1", "web")));
  const load = async (): Promise<LoadedCluster> => {
    const loaded = await fake.load();
    return { ...loaded, cluster: { ...loaded.cluster, deployments: [{ name: "web" }, { name: "db" }] } } as unknown as LoadedCluster;
  };
  house = { ...fake, load };
});
afterEach(async () => {
  await fake.close();
  await rm(folder, { recursive: true });
});

const documentOf = async (definition: Parameters<typeof call>[1], args: object, confirm?: boolean): Promise<unknown> =>
  (await call(house, definition, args, confirm).answer).document;
const lock = { deployments: [], cluster: false };
const plan = async (): Promise<string> =>
  (await fake.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal })).id;

describe("locks", () => {
  test("lock, locks, status and unlock have the promised shapes", async () => {
    const row = { lock: "L-1", deployment: "web", holder: "ann", reason: "INC-311", since: expect.any(Number), until: expect.any(Number) };
    const locked = await documentOf(lockCommand, { ...lock, deployments: ["web"], reason: "INC-311", for: "2h" });
    expect(locked).toEqual({ halligan: 1, kind: "locked", locks: [row], at: expect.any(Number) });
    expect(await documentOf(locksCommand, {})).toEqual({ halligan: 1, kind: "locks", locks: [row], at: expect.any(Number) });
    expect(await documentOf(statusCommand, {})).toMatchObject({ standing: { locks: [row], freezes: [], waiting: [], reviews: [] } });
    const unlocked = await documentOf(unlockCommand, { ...lock, deployments: ["web"], force: false });
    expect(unlocked).toEqual({ halligan: 1, kind: "unlocked", locks: [row], takenFrom: [], at: expect.any(Number) });
  });

  test("a lock of somebody else is taken away only by force, with a reason, and says from whom", async () => {
    await takeLocks(house, { deployments: [], holder: "bob", reason: "moving racks" });
    expect(await codesOf(call(house, lockCommand, { ...lock, reason: "mine" }).answer)).toEqual(["LOCK_HELD"]);
    expect(await codesOf(call(house, unlockCommand, { ...lock, force: false }).answer)).toEqual(["LOCK_NOT_YOURS"]);
    expect(await codesOf(call(house, unlockCommand, { ...lock, force: true }).answer)).toEqual(["USAGE"]);
    expect(await documentOf(unlockCommand, { ...lock, force: true, reason: "on a plane" })).toMatchObject({ takenFrom: ["bob"] });
    expect(await codesOf(call(house, unlockCommand, { ...lock, force: false }).answer)).toEqual(["LOCK_NOT_FOUND"]);
  });

  test("bad input is refused before anything is locked", async () => {
    const refused = async (args: object): Promise<readonly string[]> =>
      codesOf(call(house, lockCommand, { ...lock, reason: "r", ...args }).answer);
    expect(await refused({ deployments: ["wbe"] })).toEqual(["DEPLOYMENT_UNKNOWN"]);
    expect(await refused({ for: "soon" })).toEqual(["TIME_INVALID"]);
    expect(await refused({ for: "0" })).toEqual(["TIME_INVALID"]);
    expect(await refused({ deployments: ["web"], cluster: true })).toEqual(["USAGE"]);
    expect(await documentOf(locksCommand, {})).toMatchObject({ locks: [] });
  });
});

describe("freezes", () => {
  test("freeze, freezes and unfreeze have the promised shapes", async () => {
    const row = {
      freeze: "F-1",
      deployments: ["web"],
      from: Date.parse("2096-12-23T17:00Z"),
      until: Date.parse("2097-01-04T07:00Z"),
      reason: "holidays",
      by: "ann",
      zone: null,
    };
    const args = { deployments: ["web"], from: "2096-12-23 18:00", to: "2097-01-04 08:00", reason: "holidays" };
    const shared = { halligan: 1, shownIn: "Europe/Berlin", at: expect.any(Number) };
    expect(await documentOf(freezeCommand, args)).toEqual({ ...shared, kind: "frozen", freeze: row });
    expect(await documentOf(freezesCommand, {})).toEqual({ ...shared, kind: "freezes", freezes: [row], lifted: [] });
    expect(await documentOf(unfreezeCommand, { freeze: "F-1" })).toEqual({ ...shared, kind: "unfrozen", freeze: row });
    expect(await codesOf(call(house, unfreezeCommand, { freeze: "F-1" }).answer)).toEqual(["FREEZE_NOT_FOUND"]);
  });

  test.each([
    [{}, "USAGE"],
    [{ to: "16:00", for: "1h" }, "USAGE"],
    [{ to: "tomorrow" }, "TIME_INVALID"],
    [{ for: "1h", zone: "Mars/Olympus" }, "TIME_INVALID"],
    [{ from: "2020-01-01 00:00", for: "1h" }, "TIME_INVALID"],
    [{ deployments: ["wbe"], for: "1h" }, "DEPLOYMENT_UNKNOWN"],
  ])("%j is refused: %s", async (args, code) => {
    expect(await codesOf(call(house, freezeCommand, { deployments: [], reason: "r", ...args }).answer)).toEqual([code]);
  });
});

describe("queue and schedule", () => {
  test("a run that waits is listed with its reasons; a scheduled one is taken back", async () => {
    const scheduled = await documentOf(scheduleCommand, { plan: await plan(), in: "30m" }, true);
    expect(scheduled).toEqual({
      halligan: 1,
      kind: "scheduled",
      run: "R-1",
      plan: "P-1",
      notBefore: expect.any(Number),
      freezes: [],
      engine: { host: "deck", pid: 4711 },
      shownIn: "Europe/Berlin",
      at: expect.any(Number),
    });
    const held = problem("LOCK_HELD", { message: "Deployment web is locked by bob: x." });
    house = { ...house, judge: async () => [{ kind: "lock", problem: held, until: 99, final: false }] };
    const { run, by, waits } =
      ((await documentOf(queueCommand, {})) as { waiting: { run: string; by: string; waits: unknown }[] }).waiting[0] ?? {};
    expect([run, by]).toEqual(["R-1", "ann"]);
    expect(waits).toEqual([{ kind: "lock", code: "LOCK_HELD", message: held.message, until: 99 }]);
    expect(await documentOf(statusCommand, {})).toMatchObject({ standing: { waiting: [{ run: "R-1", plan: "P-1", by: "ann" }] } });
    expect(await documentOf(unscheduleCommand, { run: "R-1" })).toMatchObject({ kind: "unscheduled", run: "R-1", plan: "P-1" });
  });

  test.each([
    [{}, "USAGE"],
    [{ at: "22:00", in: "1h" }, "USAGE"],
    [{ at: "2020-01-01 00:00" }, "TIME_INVALID"],
    [{ in: "later" }, "TIME_INVALID"],
  ])("schedule %j is refused: %s", async (args, code) => {
    expect(await codesOf(call(house, scheduleCommand, { plan: await plan(), ...args }, true).answer)).toEqual([code]);
  });

  test("what does not wait for a time is not unscheduled", async () => {
    await house.requestRun(
      await fake.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal }),
      "ann",
    );
    expect(await codesOf(call(house, unscheduleCommand, { run: "R-1" }).answer)).toEqual(["RUN_NOT_SCHEDULED"]);
  });
});

describe("handoff", () => {
  test("somebody else answers for the run; the document sums up how it stands", async () => {
    await house.requestRun(
      await fake.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal }),
      "ann",
    );
    await takeLocks(house, { deployments: ["web"], holder: "ann", reason: "INC-1" });
    const document = await documentOf(handoffCommand, { run: "R-1", person: "bob", note: "watch the database" });
    expect(document).toMatchObject({
      kind: "handed",
      from: "ann",
      to: "bob",
      note: "watch the database",
      run: { run: "R-1", by: "ann", owner: "bob", phase: "requested" },
      failed: [],
      locks: [{ deployment: "web", holder: "ann" }],
    });
    expect(await codesOf(call(house, handoffCommand, { run: "R-1", person: "bob" }).answer)).toEqual(["HANDOFF_IMPOSSIBLE"]);
    expect(await codesOf(call(house, handoffCommand, { run: "R-9", person: "bob" }).answer)).toEqual(["RUN_NOT_FOUND"]);
    await fake.end("succeeded");
    expect(await codesOf(call(house, handoffCommand, { run: "R-1", person: "cyd" }).answer)).toEqual(["RUN_ENDED"]);
  });
});

describe("breakglass", () => {
  const glass = { detach: true, reason: "INC-311: the shop is down" };

  test("it says what it passes before it asks, is shown everywhere, and leaves a review that is closed with a note", async () => {
    const frozen = problem("FREEZE_ACTIVE", { message: "The cluster is frozen." });
    house = { ...house, judge: async ({ phase }) => (phase === "start" ? [{ kind: "freeze", problem: frozen, final: false }] : []) };
    const asking = call(house, breakglassCommand, { ...glass, plan: await plan() });
    expect(await codesOf(asking.answer)).toEqual(["CONFIRM_NEEDED"]);
    await expect(asking.answer).rejects.toThrow("FREEZE_ACTIVE The cluster is frozen.");
    expect(await documentOf(breakglassCommand, { ...glass, plan: "P-1" }, true)).toMatchObject({ kind: "detached", run: "R-1" });
    expect(await documentOf(statusCommand, {})).toMatchObject({
      activeRun: { breakglass: glass.reason },
      standing: { reviews: [{ run: "R-1", plan: "P-1", by: "ann", reason: glass.reason }] },
    });
    expect(await documentOf(runsCommand, { limit: 5 })).toMatchObject({ runs: [{ run: "R-1", breakglass: true }] });
    expect(await documentOf(breakglassCommand, { detach: false, reviewed: "R-1", note: "justified" })).toMatchObject({
      kind: "reviewed",
      run: "R-1",
      by: "ann",
      reason: glass.reason,
      reviewedBy: "ann",
      note: "justified",
    });
    expect(await documentOf(statusCommand, {})).toMatchObject({ standing: { reviews: [] } });
  });

  test("it does not get past rights and old plans", async () => {
    const old = problem("PLAN_OUTDATED", { message: "old" });
    house = { ...house, judge: async () => [{ kind: "queue", problem: old, final: true }] };
    expect(await codesOf(call(house, breakglassCommand, { ...glass, plan: await plan() }, true).answer)).toEqual(["PLAN_OUTDATED"]);
  });

  test.each([
    [{ plan: "P-1", reason: "short" }, "REASON_TOO_SHORT"],
    [{ plan: "P-1" }, "REASON_TOO_SHORT"],
    [{}, "USAGE"],
    [{ plan: "P-1", reviewed: "R-1" }, "USAGE"],
    [{ reviewed: "R-1" }, "USAGE"],
    [{ reviewed: "R-1", note: "n" }, "REVIEW_NOT_FOUND"],
    [{ plan: "P-9", reason: "long enough for this" }, "RUN_NOT_FOUND"],
    [{ plan: "A-9", reason: "long enough for this" }, "RUN_NOT_FOUND"],
  ])("%j is refused: %s", async (args, code) => {
    expect(await codesOf(call(house, breakglassCommand, { detach: false, ...args }, true).answer)).toEqual([code]);
  });
});
