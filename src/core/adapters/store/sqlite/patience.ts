import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "../../../errors.ts";
import { isBusy, storeFault } from "./faults.ts";

/** How to wait for another process's lock. */
export interface Patience {
  /** The store's file, for messages. */
  readonly file: string;
  /** When to give up, in milliseconds. Transactions last milliseconds, so this means a stopped or wedged process. */
  readonly limitMs: number;
}

/**
 * Calls `attempt` until it does not meet another connection's lock. SQLite's own busy handler would block the event loop and
 * starve one of two busy writers, so it is off and we wait here, with random growing pauses of at most 16 ms.
 * Problems: `STORE_UNAVAILABLE` when the lock is held longer than the limit; other faults of SQLite as `storeFault` says.
 */
export async function patiently<T>(patience: Patience, attempt: () => T): Promise<T> {
  const giveUpAt = performance.now() + patience.limitMs;
  for (let tries = 0; ; tries++) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw storeFault(error, patience.file);
      if (performance.now() >= giveUpAt) {
        throw fail("STORE_UNAVAILABLE", {
          message: `Another process has held the store ${patience.file} for more than ${patience.limitMs / 1000} s.`,
          cause: "A process that uses the store is stopped (Ctrl+Z, a debugger) in the middle of a write.",
          hint: "Find the process with `fuser` or `lsof` on the file, and let it go on or end it.",
          error,
        });
      }
    }
    await sleep(Math.random() * Math.min(2 ** tries, 16));
  }
}
