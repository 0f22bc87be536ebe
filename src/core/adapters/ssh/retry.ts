import { HalliganError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";

const firstBackoffMs = 100;
const maxBackoffMs = 2_000;

/** What the SSH transports need from outside. */
export interface SshDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
}

/** What sshd says when it drops a connection because of MaxStartups or PerSourceMaxStartups. */
export const turnedAway = /^(Exceeded MaxStartups|Not allowed at this time)/;

/** A handshake that failed in a way that may be over at once: the server dropped us before it looked at who we are. */
export class DroppedEarly extends HalliganError {}

/** Why a deadline signal aborted. */
export class Deadline extends Error {}

/** Tries again, with growing pauses, while the server drops us before it knows who we are, until the deadline. */
export async function withRetries<T>(deps: SshDeps, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let pause = firstBackoffMs; ; pause = Math.min(pause * 2, maxBackoffMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DroppedEarly)) throw error;
      try {
        await deps.clock.sleep(pause * (0.5 + deps.random()), signal);
      } catch {
        throw signal.reason instanceof Deadline ? error : signal.reason;
      }
    }
  }
}

/** The result of shared work, or the signal's reason when that aborts first; the work itself goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
