import { describe, expect, test } from "vitest";
import { isLong, seedsOf } from "./dice.ts";
import { jobsFrozen, jobsKilled, nodeFull, powerCut, smallDisks } from "./node-faults.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** Steps flood the log, while connections break and the engine is killed. */
async function floods({ dice, stage: { proxies }, engine, house, over, wait, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 4); left > 0 && !over(); left -= 1) {
    await wait(dice.between(100, 1_500));
    for (const proxy of proxies) if (dice.whole(0, 1) === 0) proxy.reset();
    count("connections reset in the flood");
    const { pid } = (await engine()) ?? {};
    if (pid === undefined || over() || dice.whole(0, 2) > 0) continue;
    process.kill(pid, "SIGKILL");
    count("engines killed");
    await house.ensureEngine();
  }
}

const megabytes = isLong ? 40 : 4;
/** Both streams, lines of all lengths, and bytes that are no text. */
const flood = `- command: { name: flood, run: "yes ROLE-flood | head -c ${megabytes}000000; head -c 300000 /dev/urandom >&2; head -c 2000000 /dev/zero; echo" }`;

const faults = [
  { fault: "power cut of the nodes", act: powerCut, short: 1, nodeLoss: true, place: { guarded: true } },
  { fault: "jobs killed on their nodes", act: jobsKilled, short: 0, nodeLoss: true, place: { guarded: true } },
  { fault: "jobs frozen on their nodes", act: jobsFrozen, short: 0, place: {} },
  { fault: "log flood", act: floods, short: 0, mayLeaveFolders: true, place: { more: [flood] } },
] as const;
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe("nodes", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, seed, place, ...more }) => {
    const { broken } = await trials.run(fault, { seed, fault: act, place, ...more });
    expect(broken).toEqual([]);
  });

  test.each(seedsOf(0))("full disks of nodes, seed %i", { timeout: 600_000 }, async (seed) => {
    await trials.lend(async (stage) => {
      await using _disks = await smallDisks(stage);
      const { broken } = await trials.run("full disks of nodes", { seed, fault: nodeFull, stage });
      expect(broken).toEqual([]);
    });
  });
});
