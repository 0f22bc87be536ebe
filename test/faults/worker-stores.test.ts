import { describe, expect, test } from "vitest";
import { startSentinels, type TestRedisGroup } from "../support/redis.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { Crew } from "./crew.ts";
import { seedsOf } from "./dice.ts";
import {
  clusterHandsOver,
  inTheMiddle,
  isFrozen,
  isKilled,
  type PrimaryAct,
  sentinelHandsOver,
  startClusterWithReplicas,
} from "./primaries.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

type Act = (...given: [...Parameters<PrimaryAct>, workers: readonly WorkerProcess[]]) => Promise<void>;

/** A worker is told to end, as for an upgrade, and has jobs left when the store changes hands. */
const drainsMeanwhile: Act = async (scene, primary, _group, [worker]) => {
  await inTheMiddle(scene);
  worker?.child.kill("SIGTERM");
  await scene.wait(scene.dice.between(0, 1_500));
  scene.count("primaries that handed over while a worker ended");
  await primary.admin.call("FAILOVER");
};

const faults: readonly {
  readonly fault: string;
  readonly start: () => Promise<TestRedisGroup>;
  readonly act: Act;
  readonly short: number;
}[] = [
  { fault: "workers, Sentinel hands over", start: startSentinels, act: sentinelHandsOver, short: 0 },
  { fault: "workers, one ends under Sentinel", start: startSentinels, act: drainsMeanwhile, short: 0 },
  { fault: "workers, a primary under Sentinel killed", start: startSentinels, act: isKilled, short: 0 },
  { fault: "workers, a primary under Sentinel frozen", start: startSentinels, act: isFrozen, short: 0 },
  { fault: "workers, a Cluster hands over", start: startClusterWithReplicas, act: clusterHandsOver, short: 0 },
  { fault: "workers, a primary of a Cluster killed", start: startClusterWithReplicas, act: isKilled, short: 0 },
  { fault: "workers, a primary of a Cluster frozen", start: startClusterWithReplicas, act: isFrozen, short: 0 },
];
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe.runIf(cases.length > 0)("workers on several servers", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, start, act, seed }) => {
    const group = await start();
    const site = `t${seed}`;
    const state = group.url(site);
    try {
      await using crew = new Crew(state);
      const primary = await group.primary(site);
      const { broken } = await trials.run(fault, {
        seed,
        state,
        limitMs: 360_000,
        mayLeaveFolders: true, // what was sent to clean up may go with the queue; the next run does it
        prepare: crew.start,
        fault: (scene) => act(scene, primary, group, crew.workers),
      });
      expect(broken).toEqual([]);
    } finally {
      await group.dispose();
    }
  });
});
