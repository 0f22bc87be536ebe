import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { entry, node } from "../cli/run-cli.ts";
import { isLong, seedsOf } from "./dice.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

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

/** Freezes the engine for longer than its lease, so that another one takes over, and lets it go on. */
async function frozen({ dice, engine, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 8));
  await wait(dice.between(0, 300));
  const { pid } = (await engine()) ?? {};
  if (pid === undefined || over()) return;
  process.kill(pid, "SIGSTOP");
  count("engines frozen");
  const ms = isLong ? dice.pick([8_000, 20_000, 60_000]) : 8_000;
  await new Promise((resolve) => setTimeout(resolve, ms));
  process.kill(pid, "SIGCONT");
}

/** Starts four engines in the same moment, with the one at work killed or not. */
async function together({ dice, engine, place, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 8));
  await wait(dice.between(0, 300));
  const { pid } = (await engine()) ?? {};
  if (over()) return;
  if (pid !== undefined && dice.whole(0, 2) > 0) process.kill(pid, "SIGKILL");
  count("engines started at once", 4);
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(node, [entry, "engine", "-f", place.file], { cwd: place.folder, stdio: ["pipe", "ignore", "ignore"] });
      child.stdin.end("{}\n");
      await new Promise((resolve) => child.once("close", resolve));
    }),
  );
}

const faults = [
  { fault: "kill -9 of the engine", act: killed, short: 1 },
  { fault: "SIGSTOP of the engine", act: frozen, short: 1 },
  { fault: "engines started at once", act: together, short: 0 },
];
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe("engines", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, seed }) => {
    const { broken } = await trials.run(fault, { seed, fault: act });
    expect(broken).toEqual([]);
  });
});
