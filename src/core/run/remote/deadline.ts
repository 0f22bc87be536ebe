import type { Clock, RemoteCommand } from "../../ports.ts";

/** An answer that took longer was behind input that was still on its way, ms. */
const noticeableMs = 500;

/** Why a wait ends that nobody needs any more. Given to `abort`, which else makes an exception with a stack each time: that costs more than the wait. */
export const noLongerNeeded = new Error("no longer needed");

/**
 * Resolves when a command has had its time. Where its input was still on its way by then, over a link that is slow, the time begins when it has arrived. Rejects with the
 * signal's reason. `command` gives what was started, once it was.
 */
export async function pastDeadline(
  clock: Clock,
  deadlineMs: number,
  command: () => RemoteCommand | undefined,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(deadlineMs, signal);
  const askedAt = clock.now();
  await command()?.delivered?.();
  if (clock.now() - askedAt > noticeableMs) await clock.sleep(deadlineMs, signal);
}
