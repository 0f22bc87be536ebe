import type { Clock } from "../ports.ts";

/** So many steps are rendered in one go: some 10 ms. */
const stepsAtOnce = 400;

/**
 * For work over a whole cluster that would keep the event loop for seconds: awaited between its pieces, it lets connections be answered whenever enough
 * has been done since the last time. `weight`: how many steps the piece had.
 */
export function createBreath(clock: Pick<Clock, "sleep">): (weight: number) => Promise<void> {
  let done = 0;
  return async (weight) => {
    done += weight + 1;
    if (done < stepsAtOnce) return;
    done = 0;
    await clock.sleep(0);
  };
}
