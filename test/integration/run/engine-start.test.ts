import { readdirSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { closeHouse } from "../../support/close-house.ts";

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

/** Engine processes of this test's folder. */
function engines(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return line.includes("engine") && line.includes(join(folder, "cluster.yaml"));
      } catch {
        return false; // it has just ended
      }
    })
    .map(Number);
}

test("an engine that is killed before it has its lease is started again", async () => {
  const killed: number[] = [];
  const up = house.ensureEngine();
  const until = performance.now() + 20_000;
  while (killed.length < 2 && performance.now() < until) {
    for (const pid of engines().filter((each) => !killed.includes(each))) {
      process.kill(pid, "SIGKILL");
      killed.push(pid);
    }
    await sleep(5);
  }
  const engine = await up;
  expect(killed).toHaveLength(2);
  expect(killed).not.toContain(engine.pid);
  expect(engine.started).toBe(true);
  expect(engines()).toContain(engine.pid);
});
