import type { Clock, Meter } from "../../core/ports.ts";

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** What this process uses of the machine. */
export const systemMeter: Meter = {
  elapsedMs: () => performance.now(),
  computedMs() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
  idleMs: () => performance.eventLoopUtilization().idle,
};

/**
 * A timer that rejects with the signal's reason. Not that of node:timers/promises, which makes an error with a stack for every sleep that is no longer
 * needed: a run has one for each piece that a node says.
 */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  // A timer takes a millisecond at the least: a sixth of what a plan of 20,000 node-roles takes, which rests three hundred times.
  if (ms === 0) return await new Promise<void>((resolve) => void setImmediate(resolve));
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
  signal?.throwIfAborted();
}
