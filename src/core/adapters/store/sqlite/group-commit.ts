import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fail } from "../../../errors.ts";
import { isBusy, isStorageFault, storeFault } from "./faults.ts";
import { type Patience, patiently } from "./patience.ts";

const MAX_JOBS = 256;
const MAX_BYTES = 8 * 1024 * 1024; // keeps one transaction, and so one pause of the event loop, short with large values

interface Job {
  readonly bytes: number;
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes that are carried out in shared transactions. */
export interface GroupCommit {
  /**
   * Runs `change` in a write transaction and resolves with its result once that is safely on disk. Changes that wait at the same
   * time share one transaction; one that throws is undone alone. A fault of the storage rejects all of them and keeps none.
   * `change` may run more than once and must only touch the database. `bytes` is a rough size of what it writes.
   */
  write<T>(bytes: number, change: () => T): Promise<T>;
  /** Resolves when nothing waits any more; later writes are refused with `STORE_UNAVAILABLE`. */
  drain(): Promise<void>;
}

/** What a writer tells whoever works with its connection. */
export interface WriterHooks {
  /** Called before every transaction; may throw. */
  check(): void;
  /** What was read in a transaction may be otherwise from now on: another one begins, or something was undone. */
  changed(): void;
  /** Called after every commit. */
  committed(): void;
}

/** Makes the one writer of a connection. */
export function groupCommit(db: DatabaseSync, patience: Patience, hooks: WriterHooks): GroupCommit {
  const savepoint = { begin: db.prepare("SAVEPOINT job"), keep: db.prepare("RELEASE job") };
  const queue: Job[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flush(): Promise<void> {
    await nextTurn(); // lets everything that is asked for in this turn share the transaction
    while (queue.length > 0) {
      let batch: Job[] = [];
      try {
        const settle = await patiently(patience, () => {
          hooks.check();
          db.exec("BEGIN IMMEDIATE");
          hooks.changed();
          batch = [...batch, ...takeBatch(queue, batch)];
          return commit(batch);
        });
        hooks.committed();
        for (const each of settle) each();
      } catch (error) {
        // Nothing could be begun: everything that waits meets the same wall.
        for (const job of batch.length > 0 ? batch : queue.splice(0)) job.reject(error);
      }
      await nextTurn();
    }
    flushing = undefined;
  }

  /** Runs the jobs in the open transaction, commits, and returns what tells each caller its outcome. Never leaves it open. */
  function commit(batch: readonly Job[]): readonly (() => void)[] {
    try {
      const settle = batch.map((job) => runInSavepoint(job));
      db.exec("COMMIT");
      return settle;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  function runInSavepoint(job: Job): () => void {
    savepoint.begin.run();
    try {
      const done = job.run();
      savepoint.keep.run();
      return done;
    } catch (error) {
      // After some faults (a full disk) SQLite has already rolled back the whole transaction.
      if (!db.isTransaction || isStorageFault(error) || isBusy(error)) throw error;
      db.exec("ROLLBACK TO job; RELEASE job");
      hooks.changed();
      return () => job.reject(error);
    }
  }

  return {
    write: (bytes, change) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(fail("STORE_UNAVAILABLE", { message: `The store ${patience.file} is closed.`, hint: "Open it again." }));
          return;
        }
        const run = () => {
          const result = change();
          return () => resolve(result);
        };
        queue.push({ bytes, run, reject: (error) => reject(storeFault(error, patience.file)) });
        flushing ??= flush();
      }),
    async drain() {
      closed = true;
      await flushing;
    },
  };
}

/** Takes the next jobs off the queue: none when this is a second try with the batch of the first. */
function takeBatch(queue: Job[], already: readonly Job[]): readonly Job[] {
  if (already.length > 0) return [];
  let bytes = 0;
  let count = 0;
  for (const job of queue) {
    if (count === MAX_JOBS || (count > 0 && bytes + job.bytes > MAX_BYTES)) break;
    bytes += job.bytes;
    count++;
  }
  return queue.splice(0, count);
}
