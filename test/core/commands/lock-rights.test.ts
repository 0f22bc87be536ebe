import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLocks } from "../../../src/core/authority/locks/lock-desk.ts";
import { breakglassCommand } from "../../../src/core/commands/authority/breakglass.ts";
import { freezeCommand } from "../../../src/core/commands/authority/freeze.ts";
import { handoffCommand } from "../../../src/core/commands/authority/handoff.ts";
import { lockCommand } from "../../../src/core/commands/authority/lock.ts";
import { unfreezeCommand } from "../../../src/core/commands/authority/unfreeze.ts";
import { unlockCommand } from "../../../src/core/commands/authority/unlock.ts";
import { carryOut } from "../../../src/core/commands/carry-out.ts";
import type { Answer, CommandDefinition } from "../../../src/core/commands/command.ts";
import type { LoadedCluster } from "../../../src/core/house.ts";
import { codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { authorityOf } from "../../support/people.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";

const people = `halligan: 1
people:
  ann: { local: [ann] }
  bob: { local: [bob] }
  cyd: { local: [cyd] }
  dan: { local: [dan] }
  eve: { local: [eve] }
roles: { operator: [ann], breakglass: [cyd], admin: [dan], observer: [everyone] }
deployments: { web: { roles: { operator: [bob] } } }
`;

let folder: string;
let house: FakeHouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-lock-rights-"));
  house = await openFakeHouse(folder, planBody(plannedNodeRole("n1", "web")));
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

async function as(user: string, definition: unknown, args: object): Promise<Answer> {
  const load = async (): Promise<LoadedCluster> => {
    const loaded = await house.load();
    return { ...loaded, cluster: { ...loaded.cluster, deployments: [{ name: "web" }, { name: "db" }] } } as unknown as LoadedCluster;
  };
  const present = { ...house, load, principal: { kind: "local" as const, user }, authority: async () => authorityOf(people) };
  return await carryOut(
    definition as CommandDefinition,
    {
      house: async () => present,
      local: { zone: "UTC" } as never,
      pass: () => undefined,
      confirm: async () => true,
      signal: new AbortController().signal,
      by: user,
      cwd: "/",
      front: "cli",
    },
    args as Readonly<Record<string, unknown>>,
  );
}

const web = { deployments: ["web"], cluster: false, reason: "INC-311" };

test("operators lock what they operate, in their own name; observers lock nothing", async () => {
  expect((await as("bob", lockCommand, web)).document).toMatchObject({ locks: [{ deployment: "web", holder: "bob" }] });
  expect(await codesOf(as("bob", lockCommand, { ...web, deployments: ["db"] }))).toEqual(["NOT_ALLOWED"]);
  expect(await codesOf(as("bob", lockCommand, { ...web, deployments: [] }))).toEqual(["NOT_ALLOWED"]);
  expect(await codesOf(as("eve", lockCommand, web))).toEqual(["NOT_ALLOWED"]);
  expect(await codesOf(as("zed", lockCommand, web))).toEqual(["PRINCIPAL_UNKNOWN"]);
});

test("force is an admin's", async () => {
  await takeLocks(house, { deployments: ["web"], holder: "bob", reason: "r" });
  expect(await codesOf(as("ann", unlockCommand, { ...web, force: false }))).toEqual(["LOCK_NOT_YOURS"]);
  expect(await codesOf(as("ann", unlockCommand, { ...web, force: true }))).toEqual(["NOT_ALLOWED"]);
  expect((await as("dan", unlockCommand, { ...web, force: true })).document).toMatchObject({ takenFrom: ["bob"] });
});

test("freezes are set and lifted by admins", async () => {
  const args = { deployments: [], for: "1h", reason: "holidays" };
  expect(await codesOf(as("ann", freezeCommand, args))).toEqual(["NOT_ALLOWED"]);
  expect((await as("dan", freezeCommand, args)).document).toMatchObject({ freeze: { freeze: "F-1", by: "dan" } });
  expect(await codesOf(as("ann", unfreezeCommand, { freeze: "F-1" }))).toEqual(["NOT_ALLOWED"]);
  expect((await as("dan", unfreezeCommand, { freeze: "F-1" })).document).toMatchObject({ kind: "unfrozen" });
});

test("break-glass takes its role; whoever used it does not close the review while there is another admin", async () => {
  const { id } = await house.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal });
  const args = { plan: id, reason: "INC-311: shop is down", detach: true };
  expect(await codesOf(as("ann", breakglassCommand, args))).toEqual(["NOT_ALLOWED"]);
  expect((await as("cyd", breakglassCommand, args)).document).toMatchObject({ kind: "detached", run: "R-1" });
  const review = { detach: false, reviewed: "R-1", note: "justified" };
  expect(await codesOf(as("cyd", breakglassCommand, review))).toEqual(["NOT_ALLOWED"]);
  expect((await as("dan", breakglassCommand, review)).document).toMatchObject({ by: "cyd", reviewedBy: "dan" });
});

test("a run is handed over by whoever has it or an admin, to somebody who may operate it", async () => {
  const plan = await house.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal });
  await house.requestRun(plan, "ann");
  expect(await codesOf(as("bob", handoffCommand, { run: "R-1", person: "bob" }))).toEqual(["NOT_ALLOWED"]);
  expect(await codesOf(as("ann", handoffCommand, { run: "R-1", person: "eve" }))).toEqual(["HANDOFF_IMPOSSIBLE"]);
  expect(await codesOf(as("ann", handoffCommand, { run: "R-1", person: "nobody" }))).toEqual(["HANDOFF_IMPOSSIBLE"]);
  expect((await as("ann", handoffCommand, { run: "R-1", person: "dan" })).document).toMatchObject({ from: "ann", to: "dan" });
  expect(await codesOf(as("ann", handoffCommand, { run: "R-1", person: "ann" }))).toEqual(["NOT_ALLOWED"]);
  expect((await as("dan", handoffCommand, { run: "R-1", person: "ann" })).document).toMatchObject({ from: "dan", to: "ann" });
});
