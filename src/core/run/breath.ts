import type { Clock } from "../ports.ts";

/** So many steps are rendered in one go: some 10 ms. */
const stepsAtOnce = 400;

/** How many times as long as rendering a step compiling it takes, or reading what its check saw. */
export const compiling = 4;

/** Awaited before a piece of computing. `weight`: how many steps would be rendered in the same time. */
export type Breath = (weight: number) => Promise<void>;

/** Rests until the event loop has come round once. */
export function restsOf(clock: Pick<Clock, "sleep">): () => Promise<void> {
  return async () => await clock.sleep(0);
}

/**
 * For work over a whole cluster that would keep the event loop for seconds: whoever shares a breath computes in turn, and connections are answered whenever
 * enough has been done since the last time.
 */
export function createBreath(clock: Pick<Clock, "sleep">): Breath {
  const rest = restsOf(clock);
  let left = stepsAtOnce;
  let resting: Promise<void> | undefined;
  return async (weight) => {
    while (left <= 0)
      await (resting ??= rest().then(() => {
        left = stepsAtOnce;
        resting = undefined;
      }));
    left -= weight + 1;
  };
}
