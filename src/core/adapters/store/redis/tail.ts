import { setTimeout as sleep } from "node:timers/promises";
import { fail, type HalliganError } from "../../../errors.ts";
import type { Position } from "../../../ports.ts";
import { blockMs, type RedisClient } from "./client.ts";

/** Tells waiting readers of this process that something was appended, by whomever. */
export interface Tail {
  listen(wake: () => void): () => void;
  /** What makes going on impossible: the journal is shorter than it was. */
  trouble(): HalliganError | undefined;
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
  let trouble: HalliganError | undefined;

  const wakeAll = (): void => {
    for (const wake of wakers) wake();
  };

  const look = async (): Promise<void> => {
    const found = await end(seen);
    if (found < seen) trouble = shorter(client.where, seen, found);
    seen = Math.max(seen, found);
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
    trouble: () => trouble,
    close() {
      stop();
      wakeAll();
    },
  };
}

function shorter(where: string, seen: Position, found: Position): HalliganError {
  return fail("STORE_UNAVAILABLE", {
    message: `The store ${where} has lost events: it ended at ${seen} and now ends at ${found}.`,
    cause:
      "A replica that had not received everything became the primary, the server was started from an older copy, or somebody emptied it.",
    hint: "Start this process again: it goes on from what is there. Was the store emptied, fill it from a backup first (`halligan state import FILE`). `halligan doctor` says which settings of Redis prevent this.",
  });
}
