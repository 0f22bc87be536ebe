import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { Crew } from "./crew.ts";
import { isLong, seedsOf } from "./dice.ts";
import { nodeFull, powerCut, smallDisks } from "./node-faults.ts";
import { installSshds, sshdPort, sshdRestarts } from "./real-sshd.ts";
import type { Scene, TrialWish } from "./trial.ts";
import { beside, type Trials, useTrials } from "./use-trials.ts";

// Nodes break while workers, not the engine, carry out their jobs; workers sometimes break too.
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis(["maxmemory-policy noeviction"]);
});

afterAll(async () => {
  await redis?.dispose();
});

/** One of the workers is frozen or killed at a moment of its own, or none: its turns may end while the node is away. */
async function worker({ dice, wait, over, count }: Scene, [one, two]: readonly WorkerProcess[]): Promise<void> {
  const way = dice.pick(["none", "freeze", "kill"]);
  await wait(dice.between(0, 3_000));
  const chosen = dice.pick([one, two]);
  if (way === "none" || over() || chosen === undefined) return;
  count(way === "kill" ? "workers killed" : "workers frozen");
  if (way === "kill") return void (await chosen.end("SIGKILL"));
  chosen.child.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, isLong ? dice.pick([3_000, 8_000, 20_000]) : 8_000));
  chosen.child.kill("SIGCONT");
}

interface Attempt extends Omit<TrialWish, "stage" | "seed" | "state" | "prepare"> {
  readonly stage?: TrialWish["stage"];
}

/** One trial over two workers, on a site of its own. */
async function withWorkers(trials: Trials, name: string, seed: number, wish: Attempt): Promise<void> {
  const state = `redis://127.0.0.1:${redis.port}?site=${name.replaceAll(/\W/gu, "-")}-${seed}`;
  await using crew = new Crew(state);
  const { broken } = await trials.run(name, {
    ...wish,
    seed,
    state,
    prepare: crew.start,
    fault: async (scene) => void (await Promise.all([wish.fault(scene), worker(scene, crew.workers)])),
  });
  expect(broken).toEqual([]);
}

const seeds = seedsOf(0);

describe.runIf(seeds.length > 0)("nodes of workers", beside, () => {
  const trials = useTrials();

  test.each(seeds)("power cut while workers work, seed %i", { timeout: 600_000 }, async (seed) => {
    const place = { guarded: true };
    await withWorkers(trials, "power cut while workers work", seed, { fault: powerCut, nodeLoss: true, mayLeaveFolders: true, place });
  });

  test.each(seeds)("full disks of nodes while workers work, seed %i", { timeout: 600_000 }, async (seed) => {
    await trials.lend(async (stage) => {
      await using _disks = await smallDisks(stage);
      await withWorkers(trials, "full disks of nodes while workers work", seed, { fault: nodeFull, stage, mayLeaveFolders: true });
    });
  });
});

// Other users' ids are needed in the node, which only a lab of root has.
describe.runIf(seeds.length > 0 && process.getuid?.() === 0)("OpenSSH servers of workers' nodes", beside, () => {
  const trials = useTrials({ sshPort: sshdPort, furnish: installSshds });

  test.each(seeds)("sshd restarts while workers work, seed %i", { timeout: 600_000 }, async (seed) => {
    await withWorkers(trials, "sshd restarts while workers work", seed, { fault: sshdRestarts, mayLeaveFolders: true });
  });
});
