import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasCode } from "../../src/core/errors.ts";
import { seedsOf } from "./dice.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();
const seeds = seedsOf(0);

/** The wall clock of the engine jumps, forth and back, by up to a day. */
async function jumps({ dice, place, engine, house, over, steps, wait, done, count }: Scene): Promise<void> {
  const file = join(place.folder, "clock");
  for (let left = dice.whole(2, 4); left > 0 && !over(); left -= 1) {
    const offsetMs = dice.pick([-86_400_000, -3_600_000, -20_000, 0, 5_000, 60_000, 86_400_000]);
    writeFileSync(file, String(offsetMs));
    count("jumps of the clock");
    await steps(done() + dice.whole(1, 4));
    await wait(dice.between(0, 300));
    const { pid } = (await engine()) ?? {};
    if (pid === undefined || over() || dice.whole(0, 2) > 0) continue;
    process.kill(pid, "SIGKILL");
    count("engines killed");
    await house.ensureEngine().catch((error: unknown) => {
      // Only engines have this clock: a lease that one took in the past is over for whoever started it, who cannot see it. What comes of the run is judged.
      if (offsetMs >= 0 || !hasCode(error, "ENGINE_GONE")) throw error;
    });
  }
}

// Engines that this process starts get a clock of their own: their working folder, which is that of the trial, has the file that sets it.
beforeAll(() => {
  process.env["NODE_OPTIONS"] = `--import=${join(import.meta.dirname, "shift-clock.mjs")}`;
});

afterAll(() => {
  delete process.env["NODE_OPTIONS"];
});

describe.runIf(seeds.length > 0)("clocks", beside, () => {
  test.each(seeds)("clock jumps, seed %i", { timeout: 600_000 }, async (seed) => {
    const { broken } = await trials.run("clock jumps", { seed, fault: jumps });
    expect(broken).toEqual([]);
  });
});
