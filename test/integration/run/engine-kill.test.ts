import { setTimeout as sleep } from "node:timers/promises";
import { closeHouse } from "../../support/close-house.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";
import { textFrom } from "../../support/node-text.ts";

/** Kills per test run; the long form (`npm run test:faults`) asks for more. */
const kills = Number(process.env["HALLIGAN_TEST_KILLS"] ?? 10);
const stepsPerRole = 6;

let lab: TestLab;
let links: TestLinks;
let house: EngineHouse;

beforeAll(async () => {
  lab = await startSandbox(3);
  links = testLinks(lab.targets);
});

afterAll(async () => {
  await closeHouse(house);
  await links?.end();
  await lab?.dispose();
});

/** Steps that count themselves on the node, each with a text of this round so that it is due again. */
function barclamp(round: number): string {
  const steps = Array.from(
    { length: stepsPerRole },
    (_, index) =>
      `      - command: { name: count-${index}, run: "sleep 0.1; echo round-${round} step-${index} >> /root/counts-{{ role.name }}" }`,
  ).join("\n");
  return `barclamp: counter\nversion: 1.0.0\nroles:\n  first:\n    steps:\n${steps}\n  second:\n    requires: [first]\n    steps:\n${steps}\n`;
}

test(`an engine killed ${kills} times at random moments runs every step exactly once`, { timeout: 600_000 }, async () => {
  let done = 0;
  let resumed = 0;
  for (let round = 1; done < kills; round += 1) {
    const file = writeCluster(lab, "deployments:\n  all:\n    place:\n      first: { on: all }\n      second: { on: all }\n", {
      "barclamps/counter/barclamp.yaml": barclamp(round),
    });
    await house?.close();
    house = await openLocalHouse({ file });
    const signal = new AbortController().signal;
    const plan = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
    const { run } = await house.requestRun(plan, "test");
    const events: Recorded[] = [];
    let ended = false;
    const following = (async () => {
      for await (const { event } of house.follow(run, signal)) events.push(event);
    })().finally(() => {
      ended = true;
    });
    while (!ended && done < kills) {
      await sleep(50 + Math.random() * 450);
      const engine = await findEngine(house.store, "test-lab");
      if (ended || engine === undefined) continue;
      process.kill(engine.pid, "SIGKILL");
      done += 1;
      await house.ensureEngine();
    }
    await following;
    const last = events.at(-1);
    expect(last).toMatchObject({ type: "run.ended", phase: "succeeded", nodeRoles: { active: 6, failed: 0, unknown: 0, blocked: 0 } });
    resumed += events.filter((event) => event.type === "run.resumed").length;
    const finished = events.filter((event) => event.type === "step.finished").map((event) => `${event.id} ${event.step}`);
    expect(new Set(finished).size).toBe(finished.length);
    expect(finished).toHaveLength(6 * stepsPerRole);
    const expected = Array.from({ length: stepsPerRole }, (_, index) => `round-${round} step-${index}`);
    for (const target of lab.targets) {
      const { connection } = await links.link(target.node);
      for (const role of ["first", "second"])
        expect((await textFrom(connection, `cat /root/counts-${role}; rm /root/counts-${role}`)).trim().split("\n")).toEqual(expected);
      expect(await textFrom(connection, "ls /var/lib/halligan/jobs /run/halligan")).toBe("/run/halligan:\n\n/var/lib/halligan/jobs:\n");
    }
  }
  expect(resumed).toBeGreaterThan(0);
});
