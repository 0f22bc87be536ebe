import { setTimeout as sleep } from "node:timers/promises";
import type { HalliganError } from "../../../errors.ts";
import type { Position } from "../../../ports.ts";
import { blockMs, type RedisClient } from "./client.ts";
import { shorter } from "./lost-events.ts";

/** Tells waiting readers of this process that something was appended, by whomever. */
export interface Tail {
  listen(wake: () => void): () => void;
  /** For one who follows from now on: what makes going on impossible, which is that the journal is shorter than it was since then. */
  observe(): () => HalliganError | undefined;
  close(): void;
}

/**
 * One connection that waits for new events as long as anybody listens. A failover may take back what was acknowledged: a journal whose end lies
 * before an end that was seen here is not the journal that was followed, and its readers are told so (`STORE_UNAVAILABLE`).
 */
export function openTail(client: RedisClient, end: (known: Position) => Promise<Position>): Tail {
  const wakers = new Set<() => void>();
  let waiting: RedisClient | undefined;
  let seen: Position = 0;
  let trouble: HalliganError | undefined; // the last of them

  const wakeAll = (): void => {
    for (const wake of wakers) wake();
  };

  const look = async (): Promise<void> => {
    const found = await end(seen);
    if (found < seen) trouble = shorter(client.where, seen, found);
    seen = found;
  };

  const wait = async (connection: RedisClient): Promise<void> => {
    while (waiting === connection) {
      try {
        await look();
        wakeAll();
        await connection.ask("XREAD", "COUNT", 1, "BLOCK", blockMs, "STREAMS", client.key("events"), `${seen}-0`);
      } catch {
        await sleep(200); // readers meet the fault themselves, with their next page
        wakeAll();
      }
    }
  };

  const stop = (): void => {
    waiting?.close();
    waiting = undefined;
  };

  return {
    listen(wake) {
      wakers.add(wake);
      if (waiting === undefined) {
        waiting = client.second();
        void wait(waiting);
      }
      return () => {
        wakers.delete(wake);
        if (wakers.size === 0) stop();
      };
    },
    observe() {
      const before = trouble;
      return () => (trouble === before ? undefined : trouble);
    },
    close() {
      stop();
      wakeAll();
    },
  };
}
