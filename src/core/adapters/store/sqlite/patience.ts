import { setTimeout as sleep } from "node:timers/promises";
import { fail, type HalliganError } from "../../../errors.ts";
import { isBusy, storeFault } from "./faults.ts";
import { lockHolder } from "./lock-holder.ts";

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
      if (performance.now() >= giveUpAt) throw held(patience, error);
    }
    await sleep(Math.random() * Math.min(2 ** tries, 16));
  }
}

function held({ file, limitMs }: Patience, error: unknown): HalliganError {
  const holder = lockHolder(file);
  const message = `Another process has held the store ${file} for more than ${limitMs / 1000} s.`;
  if (holder === undefined)
    return fail("STORE_UNAVAILABLE", {
      message,
      cause: "A process that uses the store is stopped (Ctrl+Z, a debugger) in the middle of a write.",
      hint: "Find the process with `fuser` or `lsof` on the file, and let it go on or end it.",
      error,
    });
  const { pid, isStopped } = holder;
  const state = isStopped ? ", and it is stopped (Ctrl+Z, a debugger)" : " and does not come to its end";
  const first = isStopped ? `Let it go on with \`kill -CONT ${pid}\`` : "Look what its disk does";
  return fail("STORE_UNAVAILABLE", {
    message,
    cause: `Process ${pid} is in the middle of a write${state}.`,
    hint: `${first}, or end it with \`kill -9 ${pid}\`: nothing that was acknowledged is lost by that.`,
    error,
  });
}
