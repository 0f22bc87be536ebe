import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../support/redis.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { Crew } from "./crew.ts";
import { isLong, seedsOf } from "./dice.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis(["maxmemory-policy noeviction"]);
});

afterAll(async () => {
  await redis?.dispose();
});

type Act = (scene: Scene, workers: readonly WorkerProcess[]) => Promise<void>;

/** Kills one worker, sometimes both, sometimes the engine too. */
const killed: Act = async ({ dice, over, steps, wait, done, count, engine, house }, workers) => {
  for (const worker of workers.slice(0, dice.whole(1, workers.length))) {
    await steps(done() + dice.whole(0, 6));
    await wait(dice.between(0, 500));
    if (over()) return;
    await worker.end("SIGKILL");
    count("workers killed");
    const { pid } = (await engine()) ?? {};
    if (pid === undefined || over() || dice.whole(0, 2) > 0) continue;
    process.kill(pid, "SIGKILL");
    count("engines killed");
    await house.ensureEngine();
  }
};

/** Freezes one worker for longer than anybody waits for it, and lets it go on: it must not act on what it had. */
const frozen: Act = async ({ dice, over, steps, wait, count }, [worker]) => {
  await steps(dice.whole(0, 8));
  await wait(dice.between(0, 300));
  if (over() || worker === undefined) return;
  worker.child.kill("SIGSTOP");
  count("workers frozen");
  await new Promise((resolve) => setTimeout(resolve, isLong ? dice.pick([8_000, 20_000, 60_000]) : 8_000));
  worker.child.kill("SIGCONT");
};

const faults = [
  { fault: "kill -9 of workers", act: killed, short: 0 },
  { fault: "SIGSTOP of a worker", act: frozen, short: 0 },
];
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe.runIf(cases.length > 0)("workers", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, seed }) => {
    const state = `redis://127.0.0.1:${redis.port}?site=${act === killed ? "k" : "f"}${seed}`;
    await using crew = new Crew(state);
    const { broken } = await trials.run(fault, {
      seed,
      state,
      mayLeaveFolders: true,
      prepare: crew.start,
      fault: (scene) => act(scene, crew.workers),
    });
    expect(broken).toEqual([]);
  });
});
