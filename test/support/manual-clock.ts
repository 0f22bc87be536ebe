import type { Clock } from "../../src/core/ports.ts";

/** A clock that goes on only when it is told to. */
export interface ManualClock extends Clock {
  /** Lets time pass; whoever sleeps wakes in order, and gets to do what follows before the next one wakes. */
  pass(ms: number): Promise<void>;
}

/** Starts one at a moment. */
export function manualClock(start = 1_800_000_000_000): ManualClock {
  let now = start;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        const leave = (): void => {
          if (sleepers.delete(sleeper)) reject(signal?.reason as Error);
        };
        if (signal?.aborted === true) leave();
        else signal?.addEventListener("abort", leave, { once: true });
      }),
    async pass(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = Math.max(now, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}
