import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { engineLease } from "../../../src/core/run/engine.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { counterBarclamp, placeCounters } from "../../support/counter.ts";
import { enginesOf } from "../../support/engine-processes.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";

let lab: TestLab;
let house: EngineHouse;

beforeAll(async () => {
  lab = await startSandbox(1);
  house = await openLocalHouse({ file: writeCluster(lab, placeCounters, { "barclamps/counter/barclamp.yaml": counterBarclamp(1) }) });
});

afterAll(async () => {
  await closeHouse(house);
  await lab?.dispose();
});

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(20);
  }
}

test("an engine process behind another machine's engine has everything loaded, waits, and goes on with the run when that one is gone", async () => {
  const elsewhere = "other-machine:1:1:0123456789ab";
  const lease = await house.store.acquire(engineLease("test-lab"), elsewhere, 600_000);
  if (lease === undefined) throw new Error("another engine has the lease");
  const signal = new AbortController().signal;
  const plan = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const { run, engine } = await house.requestRun(plan, "test");
  expect(engine).toMatchObject({ elsewhere, host: "other-machine", started: false });
  expect(enginesOf(lab.folder)).toEqual([]);

  await house.standBehind(elsewhere);
  await house.standBehind(elsewhere);
  const [pid] = await until(async () => (enginesOf(lab.folder).length === 0 ? undefined : enginesOf(lab.folder)));
  await until(async () => (readFileSync(`/proc/${pid}/maps`, "utf8").includes(join(lab.folder, ".halligan")) ? true : undefined)); // it has opened the store
  expect(enginesOf(lab.folder)).toEqual([pid]);
  expect(await findEngine(house.store, "test-lab")).toMatchObject({ elsewhere });

  await house.store.release(lease);
  const types: string[] = [];
  for await (const { event } of house.follow(run, signal)) types.push(event.type);
  expect(types.at(-1)).toBe("run.ended");
  expect((await findEngine(house.store, "test-lab"))?.pid).toBe(pid);
});
