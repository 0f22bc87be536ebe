import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedsOf } from "./dice.ts";
import { openStage, type Stage } from "./stage.ts";
import { tally } from "./tally.ts";
import { runTrial, type Scene } from "./trial.ts";

let stage: Stage;
const figures = tally();

beforeAll(async () => {
  stage = await openStage(2);
});

afterAll(async () => {
  figures.say();
  await stage?.dispose();
});

/** Kills the engine one to five times, each time after a while or some steps: while it starts, attaches, sends, records or ends. */
async function killed({ dice, over, engine, house, wait, steps, done, count }: Scene): Promise<void> {
  for (let kills = dice.whole(1, 5); kills > 0 && !over(); kills -= 1) {
    if (dice.whole(0, 3) > 0) await steps(done() + dice.whole(1, 6));
    await wait(dice.between(0, 600));
    const { pid } = (await engine()) ?? {};
    if (pid === undefined || over()) continue;
    process.kill(pid, "SIGKILL");
    count("engines killed");
    await house.ensureEngine();
  }
}

describe("processes", () => {
  test.each(seedsOf({ short: 2, long: 100 }))("kill -9 of the engine, seed %i", { timeout: 300_000 }, async (seed) => {
    const { broken } = figures.add("kill -9 of the engine", seed, await runTrial({ stage, seed, fault: killed }));
    expect(broken).toEqual([]);
  });
});
