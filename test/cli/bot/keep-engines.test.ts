import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { keepEngine } from "../../../src/cli/bot/keep-engines.ts";
import type { EngineInfo, House } from "../../../src/core/house.ts";
import { leaseTtlMs } from "../../../src/core/run/engine.ts";
import { fail } from "../../../src/core/errors.ts";
import { planBody } from "../../core/run/plans.ts";
import { openFakeHouse } from "../../support/fake-house.ts";

const folder = mkdtempSync(join(tmpdir(), "halligan-keep-"));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the next look comes when the lease of an engine elsewhere ends, and a run without an engine gets one", async () => {
  const fake = await openFakeHouse(folder, planBody());
  const plan = await fake.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal });
  await fake.requestRun(plan, "ann");
  const stop = new AbortController();
  const now = 1_000_000;
  const slept: number[] = [];
  const started: string[] = [];
  const behind: string[] = [];
  const elsewhere = (heardAgoMs: number): EngineInfo => ({
    host: "other",
    pid: 7,
    started: false,
    heardAt: now - heardAgoMs,
    elsewhere: "other:7",
  });
  const found = [elsewhere(100), elsewhere(leaseTtlMs - 700), elsewhere(leaseTtlMs + 60_000), undefined];
  const house: House = {
    ...fake,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        slept.push(ms);
        if (slept.length === 4) stop.abort();
      },
    },
    findEngine: async () => found[slept.length],
    standBehind: async (engine) => void behind.push(engine),
    ensureEngine: async () => {
      started.push(`look ${slept.length}`);
      return { host: "here", pid: 8, started: true };
    },
  };
  const said: string[] = [];
  await keepEngine("test", house, (line) => said.push(line), stop.signal);
  // 60 s past its end and still there: the store has another clock, which is no reason to look all the time.
  expect(slept).toEqual([2_000, 750, 2_000, 2_000]);
  expect(started).toEqual(["look 3"]);
  expect(behind).toEqual(["other:7", "other:7", "other:7"]);
  expect(said).toEqual(["test: an engine carries out its runs (process 8)"]);
  await fake.close();
});

test("a store that was away is asked again soon, an engine that does not start after a pause", async () => {
  const fake = await openFakeHouse(folder, planBody());
  const plan = await fake.plan({ deployments: [], by: "ann", onProgress: () => undefined, signal: new AbortController().signal });
  await fake.requestRun(plan, "ann");
  const stop = new AbortController();
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    if (slept.length === 2) stop.abort();
  };
  const house: House = {
    ...fake,
    clock: { now: () => 1_000_000, sleep },
    findEngine: async () => {
      throw fail(slept.length === 0 ? "STORE_UNAVAILABLE" : "ENGINE_GONE", { message: "no" });
    },
  };
  const said: string[] = [];
  await keepEngine("test", house, (line) => said.push(line), stop.signal);
  expect(slept).toEqual([2_000, 15_000]);
  expect(said).toEqual(["test: no engine: STORE_UNAVAILABLE no", "test: no engine: ENGINE_GONE no"]);
  await fake.close();
});
