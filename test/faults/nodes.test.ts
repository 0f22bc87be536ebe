import { describe, expect, test } from "vitest";
import { isLong, seedsOf } from "./dice.ts";
import type { Stage } from "./stage.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** Every process of the nodes ends in the middle of a step, and they come up again on the disks they had. */
async function powerCut({ dice, stage: { powerCut: cut }, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 14));
  await wait(dice.between(0, 300));
  if (over()) return;
  count("power cuts");
  await cut(dice.pick([0, 500, 3_000]));
}

/** The file system with Halligan's folder has no room for a while, on one node or on both; a step may be at work. */
async function nodeFull({ dice, stage: { on, lab }, over, steps, wait, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 2); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 5));
    await wait(dice.between(0, 300));
    const nodes = lab.targets.filter(() => dice.whole(0, 1) === 0);
    await Promise.all(nodes.map(({ node }) => on(node, "cat /dev/zero >/var/lib/halligan/filler 2>/dev/null; true")));
    count("full disks", nodes.length);
    await wait(dice.pick([200, 1_000, 3_000]));
    await Promise.all(nodes.map(({ node }) => on(node, "rm -f /var/lib/halligan/filler")));
  }
}

/** Gives the nodes a small disk for Halligan's folder. */
async function smallDisks(stage: Stage): Promise<void> {
  const mount = "mkdir -p /var/lib/halligan && mount -t tmpfs -o size=600k,mode=0700 tmpfs /var/lib/halligan && echo done";
  for (const { node } of stage.lab.targets) if (!(await stage.on(node, mount)).includes("done")) throw new Error(`no disk on ${node}`);
}

async function noSmallDisks(stage: Stage): Promise<void> {
  for (const { node } of stage.lab.targets) await stage.on(node, "umount -l /var/lib/halligan");
}

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
      await smallDisks(stage);
      try {
        const { broken } = await trials.run("full disks of nodes", { seed, fault: nodeFull, stage });
        expect(broken).toEqual([]);
      } finally {
        await noSmallDisks(stage);
      }
    });
  });
});
