import type { Clock } from "../../core/ports.ts";

/** Waits, then does the work; false when the signal aborted first. */
export async function later(clock: Clock, ms: number, signal: AbortSignal, work?: () => void): Promise<boolean> {
  const waited = await clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
  if (waited && !signal.aborted) work?.();
  return waited && !signal.aborted;
}
