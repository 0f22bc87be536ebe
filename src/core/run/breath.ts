import type { Clock } from "../ports.ts";

/** What is done in one go, some 10 ms: so many steps rendered. As a weight: all of one go. */
export const wholeGo = 400;

/** How many times as long as rendering a step compiling it takes, or reading what its check saw. */
export const compiling = 4;

/** Awaited before a piece of computing. `weight`: how many steps would be rendered in the same time. */
export type Breath = (weight: number) => Promise<void>;

/**
 * For work over a whole cluster that would keep the event loop for seconds: whoever shares a breath computes in turn, and connections are answered whenever
 * enough has been done since the last time.
 */
export function createBreath(clock: Pick<Clock, "sleep">): Breath {
  let left = wholeGo;
  let resting: Promise<void> | undefined;
  return async (weight) => {
    while (left <= 0)
      await (resting ??= clock.sleep(0).then(() => {
        left = wholeGo;
        resting = undefined;
      }));
    left -= weight + 1;
  };
}
