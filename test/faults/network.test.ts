import { describe, expect, test } from "vitest";
import { seedsOf } from "./dice.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** Resets connections, some of them while they come up, sometimes with the node refusing new ones for a moment. */
async function resets({ dice, stage: { proxies }, over, wait, count }: Scene): Promise<void> {
  for (let left = dice.whole(2, 8); left > 0 && !over(); left -= 1) {
    await wait(dice.between(20, 700));
    const proxy = dice.pick(proxies as [(typeof proxies)[0], ...typeof proxies]);
    if (dice.whole(0, 3) === 0) proxy.set({ refuses: true });
    if (proxy.open > 0) count("links with connections that were reset");
    proxy.reset();
    if (dice.whole(0, 1) === 0) continue;
    await wait(dice.between(0, 1_500));
    proxy.set({});
  }
  for (const proxy of proxies) proxy.set({});
}

/** Nothing passes for a while; sometimes longer than the keepalives bear (15 s). */
async function holes({ dice, stage: { proxies }, over, wait, steps, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 2); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 4));
    await wait(dice.between(0, 500));
    const proxy = dice.pick(proxies as [(typeof proxies)[0], ...typeof proxies]);
    proxy.set({ hole: true });
    count("black holes");
    const ms = dice.pick([300, 1_500, 4_000, 22_000]);
    for (const until = performance.now() + ms; performance.now() < until && !over(); ) await wait(100);
    proxy.set({});
  }
}

/** One side loses the connection, the other hears nothing of it. */
async function halfOpen({ dice, stage: { proxies }, over, wait, steps, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 3); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 3));
    await wait(dice.between(0, 300));
    if (over()) return;
    count("links left half-open");
    dice.pick(proxies as [(typeof proxies)[0], ...typeof proxies]).halfOpen(dice.pick(["client", "server"]));
  }
}

/** Five seconds each way, from some moment on; back to normal at the end at the latest. */
async function latency({ dice, stage: { proxies }, wait, count }: Scene): Promise<void> {
  await wait(dice.between(0, 800));
  const delayMs = dice.pick([200, 1_000, 5_000]);
  for (const proxy of proxies) proxy.set({ delayMs });
  count(`links with ${delayMs} ms`, proxies.length);
  await wait(dice.between(500, 40_000));
}

/** One kilobyte a second, each way. */
async function narrow({ dice, stage: { proxies }, wait, count }: Scene): Promise<void> {
  await wait(dice.between(0, 800));
  for (const proxy of proxies) proxy.set({ bytesPerSecond: 1_000 });
  count("links with 1 kB/s", proxies.length);
  await wait(dice.between(5_000, 90_000));
}

const patient = { ssh: "connectTimeout: 60s" };
const faults = [
  { fault: "TCP resets", act: resets, short: 1 },
  { fault: "black holes", act: holes, short: 0 },
  { fault: "half-open connections", act: halfOpen, short: 0 },
  { fault: "latency up to 5 s", act: latency, short: 0, place: patient },
  { fault: "1 kB/s", act: narrow, short: 0, place: patient },
];
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe("between engine and nodes", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, place, seed }) => {
    const { broken } = await trials.run(fault, { seed, fault: act, place: place ?? {}, mayLeaveFolders: true, limitMs: 360_000 });
    expect(broken).toEqual([]);
  });
});
