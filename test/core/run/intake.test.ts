import { expect, test } from "vitest";
import type { Meter } from "../../../src/core/ports.ts";
import { createIntake } from "../../../src/core/run/intake.ts";
import { manualClock } from "../../support/manual-clock.ts";

/** An intake of a process whose timers come `late` ms late while it computes for `share` of the time and has nothing to do for `idle` of it. */
function process() {
  const clock = manualClock();
  const state = { late: 0, share: 0, computed: 0, idle: 1, idled: 0 };
  const meter: Meter = { elapsedMs: () => clock.now(), computedMs: () => state.computed, idleMs: () => state.idled };
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await clock.sleep(ms + state.late, signal);
    state.computed += (ms + state.late) * state.share;
    state.idled += (ms + state.late) * state.idle;
  };
  const intake = createIntake({ sleep }, meter);
  const { signal } = new AbortController();
  const ends: (() => void)[] = [];
  const order: number[] = [];
  let underWay = 0;
  let most = 0;
  const begin = (count: number, size?: number): void => {
    for (let index = 0; index < count; index += 1) {
      const work = async (): Promise<void> => {
        order.push(index);
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise<void>((resolve) => ends.push(resolve));
        underWay -= 1;
      };
      void intake.take(signal, work, size);
    }
  };
  return { clock, state, intake, begin, order, ends, underWay: () => underWay, most: () => most };
}

test("while the process has time, a thousand things are under way within a second", async () => {
  const { clock, begin, underWay, order } = process();
  begin(1_000);
  await clock.pass(0);
  expect(underWay()).toBe(64);
  await clock.pass(1_000);
  expect(underWay()).toBe(1_000);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test("what is like ten of the usual things takes their room, and one more begins as long as there is any", async () => {
  const { clock, begin, underWay, ends } = process();
  begin(100, 10);
  await clock.pass(0);
  expect(underWay()).toBe(7);
  ends[0]?.();
  await clock.pass(0);
  expect(underWay()).toBe(7);
});

test("while it computes so much that timers are late, sixteen are under way, and as one ends one begins", async () => {
  const { clock, state, begin, underWay, ends, order } = process();
  Object.assign(state, { late: 40, share: 0.9 });
  begin(2_000);
  // Whatever began before ends; at the end sixteen go on, and now and then one more is let in.
  for (let round = 0; round < 60; round += 1) {
    await clock.pass(60);
    for (const end of ends.splice(0, Math.max(0, underWay() - 16))) end();
  }
  await clock.pass(0);
  expect(underWay()).toBeLessThanOrEqual(17);
  const begun = order.length;
  for (const end of ends.splice(0, 5)) end();
  await clock.pass(0);
  expect(order.length - begun).toBe(5);
});

test("while it is never idle sixteen are under way though its timers are in time; once it is, there are more", async () => {
  const { clock, state, begin, underWay, ends } = process();
  Object.assign(state, { late: 2, share: 0.97, idle: 0.01 });
  begin(3_000);
  const endAllBut = (left: number): void => {
    for (const end of ends.splice(0, Math.max(0, underWay() - left))) end();
  };
  for (let round = 0; round < 100; round += 1) {
    await clock.pass(22);
    endAllBut(16);
  }
  await clock.pass(0);
  expect(underWay()).toBeLessThanOrEqual(17);

  Object.assign(state, { share: 0.95, idle: 0.05 }); // used well: neither more nor fewer
  await clock.pass(440);
  expect(underWay()).toBeLessThanOrEqual(18);

  Object.assign(state, { share: 0.5, idle: 0.5 });
  await clock.pass(1_000);
  expect(underWay()).toBeGreaterThanOrEqual(400);
});

test("late timers of a process that was kept from computing close nothing", async () => {
  const { clock, state, begin, ends, underWay } = process();
  Object.assign(state, { late: 40, share: 0.1 });
  begin(200);
  await clock.pass(10_000);
  const before = underWay();
  expect(before).toBeGreaterThanOrEqual(64);
  for (const end of ends.splice(0)) end();
  await clock.pass(0);
  expect(underWay()).toBeGreaterThanOrEqual(64);
});

test("nobody waits for ever behind what takes long in a busy process", async () => {
  const { clock, state, begin, underWay } = process();
  Object.assign(state, { late: 40, share: 0.9 });
  begin(200);
  await clock.pass(0);
  const before = underWay();
  await clock.pass(10_000);
  expect(underWay() - before).toBeGreaterThanOrEqual(15);
});

test("what waits can be given up, and takes no room then; what failed gives its room back", async () => {
  const { clock, intake, begin, ends, underWay } = process();
  begin(64);
  const stop = new AbortController();
  const given = intake.take(stop.signal, () => expect.unreachable());
  const failing = intake.take(new AbortController().signal, () => Promise.reject(new Error("broke")));
  stop.abort(new Error("left"));
  await expect(given).rejects.toThrow("left");
  for (const end of ends.splice(0)) end();
  await expect(failing).rejects.toThrow("broke");
  expect(underWay()).toBe(0);
  begin(64);
  await clock.pass(0);
  expect(underWay()).toBe(64);
  await expect(intake.take(stop.signal, () => expect.unreachable())).rejects.toThrow("left");
});
