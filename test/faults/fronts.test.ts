import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EngineHouse } from "../../src/cli/house/house.ts";
import { openRuns } from "../../src/core/run/queue.ts";
import { entry, node } from "../cli/run-cli.ts";
import { openPty } from "../support/pty.ts";
import { startServe } from "../support/serve-process.ts";
import { type Dice, diceOf, seedsOf } from "./dice.ts";
import type { Place } from "./place.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** The terminal UI, `watch` and `serve` look at the run and are killed one after another, the engine sometimes too. */
async function watchersKilled({ dice, place, engine, house, over, steps, wait, done, count }: Scene): Promise<void> {
  const cwd = place.folder;
  const open = {
    tui: () => {
      const tui = openPty(["tui", "--screen", "run"], { cwd });
      return () => tui.kill("SIGKILL");
    },
    watch: () => {
      const child = spawn(node, [entry, "watch"], { cwd, stdio: "ignore" });
      return () => child.kill("SIGKILL");
    },
    serve: () => {
      const served = startServe(cwd, ["--no-slack"]);
      return () => served.child.kill("SIGKILL");
    },
  };
  const kills = (["tui", "watch", "serve"] as const).filter(() => dice.whole(0, 3) > 0).map((what) => [what, open[what]()] as const);
  for (const [what, kill] of kills) {
    await steps(done() + dice.whole(0, 4));
    await wait(dice.between(0, 1_500));
    kill();
    count(`${what} killed`);
    const { pid } = (await engine()) ?? {};
    if (pid === undefined || over() || dice.whole(0, 2) > 0) continue;
    process.kill(pid, "SIGKILL");
    count("engines killed");
    await house.ensureEngine();
  }
}

/** Somebody's `apply` is killed at any moment: before its plan, while it asks for the run, or while it follows. What it asked for is done by others. */
async function applyKilled(dice: Dice, { folder }: Place, house: EngineHouse): Promise<void> {
  const child = spawn(node, [entry, "apply", "--yes"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const timer = setTimeout(() => child.kill("SIGKILL"), dice.between(300, 4_000));
  await ended;
  clearTimeout(timer);
  for (const { run } of await openRuns(house.store)) for await (const _ of house.follow(run, AbortSignal.timeout(120_000))) continue;
}

/** The disk with the store has no room for a while: runs wait, and go on. */
async function diskFull({ dice, place, over, steps, wait, done, count }: Scene): Promise<void> {
  const filler = join(place.folder, ".halligan/filler");
  for (let left = dice.whole(1, 2); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 5));
    await wait(dice.between(0, 300));
    if (over()) return;
    const file = openSync(filler, "w");
    try {
      for (;;) writeSync(file, Buffer.alloc(4_096));
    } catch {
      count("full disks");
    } finally {
      closeSync(file);
    }
    await new Promise((resolve) => setTimeout(resolve, dice.pick([200, 1_500, 5_000])));
    rmSync(filler);
  }
}

describe("front ends and their machine", beside, () => {
  test.each(seedsOf(1))("kill -9 of TUI, watch and serve, seed %i", { timeout: 600_000 }, async (seed) => {
    const wish = { seed, fault: watchersKilled, place: { stepSeconds: 0.3 } };
    expect((await trials.run("kill -9 of TUI, watch and serve", wish)).broken).toEqual([]);
  });

  test.each(seedsOf(0))("kill -9 of apply, seed %i", { timeout: 600_000 }, async (seed) => {
    const dice = diceOf(seed);
    const prepare = async (place: Place, house: EngineHouse): Promise<void> => await applyKilled(dice, place, house);
    const { broken } = await trials.run("kill -9 of apply", { seed, prepare, fault: async () => undefined });
    expect(broken).toEqual([]);
  });

  // A disk of a few megabytes is mounted, which only root may.
  describe.runIf(process.getuid?.() === 0)("the disk with the store", () => {
    test.each(seedsOf(1))("full disk of the store, seed %i", { timeout: 600_000 }, async (seed) => {
      const { broken } = await trials.run("full disk of the store", { seed, fault: diskFull, place: { diskKib: 8_192 } });
      expect(broken).toEqual([]);
    });
  });
});
