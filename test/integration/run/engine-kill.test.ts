import { setTimeout as sleep } from "node:timers/promises";
import { closeHouse } from "../../support/close-house.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { counterBarclamp, counted, counts, placeCounters, stepsPerRole } from "../../support/counter.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";
import { textFrom } from "../../support/node-text.ts";

/** Kills per test run; the long form (`npm run test:faults`) asks for more. */
const kills = Number(process.env["HALLIGAN_TEST_KILLS"] ?? 10);

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

test(`an engine killed ${kills} times at random moments runs every step exactly once`, { timeout: 600_000 }, async () => {
  let done = 0;
  let resumed = 0;
  for (let round = 1; done < kills; round += 1) {
    const file = writeCluster(lab, placeCounters, { "barclamps/counter/barclamp.yaml": counterBarclamp(round) });
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
    for (const target of lab.targets) {
      const { connection } = await links.link(target.node);
      for (const role of ["first", "second"]) expect(await counts(connection, role)).toEqual(counted(round));
      expect(await textFrom(connection, "ls /var/lib/halligan/jobs /run/halligan")).toBe("/run/halligan:\n\n/var/lib/halligan/jobs:\n");
    }
  }
  expect(resumed).toBeGreaterThan(0);
});
