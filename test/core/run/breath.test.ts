import { expect, test } from "vitest";
import { createBreath } from "../../../src/core/run/breath.ts";

/** A clock whose sleeps end when the test says so. */
function sleeper() {
  const sleeping: (() => void)[] = [];
  const sleep = (ms: number): Promise<void> => {
    expect(ms).toBe(0);
    return new Promise((resolve) => void sleeping.push(resolve));
  };
  return { sleep, sleeping, wake: () => sleeping.splice(0).forEach((each) => each()) };
}

/** Lets everything run that waits for nothing else. */
const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

test("pieces that are asked for together are computed in turn, in their order, and rest after each 400 steps", async () => {
  const clock = sleeper();
  const breath = createBreath(clock);
  const done: number[] = [];
  const pieces = Array.from({ length: 10 }, async (_, piece) => {
    await breath(150);
    done.push(piece);
  });
  await settle();
  expect(done).toEqual([0, 1, 2]);
  expect(clock.sleeping).toHaveLength(1);
  clock.wake();
  await settle();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  for (let rest = 0; rest < 2; rest += 1) {
    clock.wake();
    await settle();
  }
  await Promise.all(pieces);
  expect(done).toEqual(Array.from({ length: 10 }, (_, piece) => piece));
});

test("a piece of any size is computed, and nobody rests who has done little", async () => {
  const clock = sleeper();
  const breath = createBreath(clock);
  for (let piece = 0; piece < 40; piece += 1) await breath(9);
  expect(clock.sleeping).toHaveLength(0);
  const large = breath(100_000);
  await settle();
  clock.wake();
  await large;
  const after = breath(0);
  await settle();
  expect(clock.sleeping).toHaveLength(1);
  clock.wake();
  await after;
});
