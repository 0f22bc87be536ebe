import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { closeHouse } from "../../support/close-house.ts";
import { enginesOf } from "../../support/engine-processes.ts";

let folder: string;
let house: EngineHouse;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-start-"));
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, "halligan: 1\ncluster: started\nnodes:\n  n1: { address: 192.0.2.1 }\n");
  house = await openLocalHouse({ file });
});

afterEach(async () => {
  await closeHouse(house, "started");
  rmSync(folder, { recursive: true, force: true });
});

test("an engine that is killed before it has its lease is started again", async () => {
  const killed: number[] = [];
  const up = house.ensureEngine();
  const until = performance.now() + 20_000;
  while (killed.length < 2 && performance.now() < until) {
    for (const pid of enginesOf(folder).filter((each) => !killed.includes(each))) {
      process.kill(pid, "SIGKILL");
      killed.push(pid);
    }
    await sleep(5);
  }
  const engine = await up;
  expect(killed).toHaveLength(2);
  expect(killed).not.toContain(engine.pid);
  expect(engine.started).toBe(true);
  expect(enginesOf(folder)).toContain(engine.pid);
});
