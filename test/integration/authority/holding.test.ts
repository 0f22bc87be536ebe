import { setTimeout as sleep } from "node:timers/promises";
import { closeHouse } from "../../support/close-house.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { breakglassUses } from "../../../src/core/authority/locks/breakglass.ts";
import { liftFreeze, setFreeze } from "../../../src/core/authority/locks/freeze-desk.ts";
import { releaseLocks, takeLocks } from "../../../src/core/authority/locks/lock-desk.ts";
import { queueDocument } from "../../../src/core/commands/authority/queue-document.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { textFrom } from "../../support/node-text.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";

let lab: TestLab;
let links: TestLinks;
let house: EngineHouse;
const signal = new AbortController().signal;

const roles = ["one", "two", "three"].map(
  (name) =>
    `  ${name}:\n    steps:\n      - command: { name: ${name}, run: "sleep ${name === "one" ? 2 : 0.5}; echo ok >> /root/${name}", unless: "test -e /root/${name}" }\n`,
);
const deployments = `deployments:
  a: { place: { one: all }, rollout: { batch: 1 } }
  b: { place: { two: all } }
  c: { place: { three: all } }
`;

beforeAll(async () => {
  lab = await startSandbox(2);
  links = testLinks(lab.targets);
  const file = writeCluster(lab, deployments, {
    "barclamps/slow/barclamp.yaml": `barclamp: slow\nversion: 1.0.0\nroles:\n${roles.join("")}`,
  });
  house = await openLocalHouse({ file });
});

afterAll(async () => {
  await closeHouse(house);
  await links?.end();
  await lab?.dispose();
});

const plan = async (deployment: string): Promise<Plan> =>
  await house.plan({ deployments: [deployment], by: "ann", onProgress: () => undefined, signal });

/** Follows a run to its end. */
function follow(run: string): { readonly events: Recorded[]; readonly end: Promise<Recorded> } {
  const events: Recorded[] = [];
  const end = (async () => {
    for await (const { event } of house.follow(run, signal)) events.push(event);
    return events.at(-1) as Recorded;
  })();
  return { events, end };
}

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20);
};
const text = async (path: string): Promise<readonly string[]> =>
  await Promise.all(lab.targets.map(async (target) => await textFrom((await links.link(target.node)).connection, `cat ${path}`)));
const isHeld = (events: readonly Recorded[]): boolean => events.some((event) => event.type === "run.held");

test("a freeze that is set while a run goes on holds it before its next batch, and the run goes on when it is lifted", {
  timeout: 60_000,
}, async () => {
  const { run } = await house.requestRun(await plan("a"), "ann");
  const { events, end } = follow(run);
  await until(() => events.some((event) => event.type === "noderole.moved" && event.state === "transition"));
  await setFreeze(house, {
    deployments: ["a"],
    from: house.clock.now(),
    until: house.clock.now() + 3_600_000,
    reason: "press event",
    by: "ann",
  });
  await until(() => isHeld(events));
  // what ran came to its end, and nothing more was started, also when it was judged again
  await sleep(4_000);
  const moved = events.flatMap((event) => (event.type === "noderole.moved" ? [`${event.id} ${event.state}`] : []));
  expect(moved).toEqual(["n1/one transition", "n1/one active"]);
  expect(events.filter((event) => event.type === "run.held")).toHaveLength(1);
  const { running, waiting } = await queueDocument(house);
  expect(running).toMatchObject({ run, held: [{ kind: "freeze", code: "FREEZE_ACTIVE" }] });
  expect(waiting).toEqual([]);
  await liftFreeze(house, [], "F-1", "ann");
  expect(await end).toMatchObject({ type: "run.ended", phase: "succeeded", nodeRoles: { active: 2 } });
  const order = events.map((event) => event.type).filter((type) => type.startsWith("run."));
  expect(order).toEqual(["run.started", "run.held", "run.released", "run.ended"]);
  expect(await text("/root/one")).toEqual(["ok\n", "ok\n"]);
});

test("three runs wait in order; one whose node-roles were changed meanwhile is refused before it touches anything", {
  timeout: 60_000,
}, async () => {
  const [b, again, c] = [await plan("b"), await plan("b"), await plan("c")];
  const runs = [await house.requestRun(b, "ann"), await house.requestRun(again, "ann"), await house.requestRun(c, "ann")].map(
    (each) => each.run,
  );
  const following = runs.map((run) => follow(run));
  const [first, second, third] = await Promise.all(following.map((each) => each.end));
  expect(first).toMatchObject({ phase: "succeeded" });
  expect(second).toMatchObject({ phase: "failed", problems: [{ code: "PLAN_STALE", hint: expect.stringContaining("`halligan plan b`") }] });
  expect(third).toMatchObject({ phase: "succeeded" });
  const startOf = (index: number): number => following[index]?.events.find((event) => event.type === "run.started")?.seq ?? 0;
  expect(startOf(1)).toBe(0);
  expect(startOf(2)).toBeGreaterThan(first?.seq ?? Number.POSITIVE_INFINITY);
  expect(await text("/root/two")).toEqual(["ok\n", "ok\n"]);
});

test("break-glass gets past somebody else's lock, loudly; the run that waited for the lock is then refused as old", {
  timeout: 60_000,
}, async () => {
  const file = writeCluster(lab, deployments.replace("c: {", "d: { place: { four: all } }\n  c: {"), {
    "barclamps/slow/barclamp.yaml": `barclamp: slow\nversion: 1.0.0\nroles:\n${roles.join("")}${roles[0]?.replaceAll("one", "four")}`,
  });
  await house.close();
  house = await openLocalHouse({ file });
  await takeLocks({ store: house.store, clock: systemClock }, { deployments: ["d"], holder: "bob", reason: "INC-311" });
  const waiting = await plan("d");
  const polite = await house.requestRun(waiting, "ann");
  const patient = follow(polite.run);
  await until(() => isHeld(patient.events));
  expect((await queueDocument(house)).waiting).toMatchObject([
    { run: polite.run, waits: [{ kind: "lock", message: "Deployment d is locked by bob: INC-311." }] },
  ]);
  const loud = await house.requestRun(waiting, "ann", { breakglass: { reason: "INC-312: shop is down" } });
  expect(await follow(loud.run).end).toMatchObject({ phase: "succeeded" });
  expect(await text("/root/four")).toEqual(["ok\n", "ok\n"]);
  expect(await breakglassUses(house.store)).toMatchObject([
    { run: loud.run, reason: "INC-312: shop is down", passed: ["LOCK_HELD: Deployment d is locked by bob: INC-311."] },
  ]);
  await releaseLocks({ store: house.store, clock: systemClock }, { deployments: ["d"], by: "bob" });
  expect(await patient.end).toMatchObject({ phase: "failed", problems: [{ code: "PLAN_STALE" }] });
});
