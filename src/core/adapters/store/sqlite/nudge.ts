import { type FSWatcher, closeSync, openSync, watch, writeSync } from "node:fs";
import { privateFile } from "./place.ts";

const POLL_MS = 250; // the safety net: the nudge usually arrives within a millisecond

/** Tells waiting readers, in this and in other processes, that something was committed. */
export interface Nudge {
  /** To be called after a commit: wakes readers here and, through the nudge file, elsewhere. */
  send(): void;
  /** Calls `wake` after every commit, perhaps late by 250 ms, perhaps without a reason. Returns the way to stop. */
  listen(wake: () => void): () => void;
  close(): void;
}

/**
 * One byte is written to a file of its own after each commit, and readers watch that file. Watching the database's own files would wake them
 * before the commit can be seen, and they would miss the last event.
 */
export function openNudge(file: string): Nudge {
  privateFile(file);
  const descriptor = openSync(file, "r+");
  const wakers = new Set<() => void>();
  const wakeAll = (): void => {
    for (const wake of wakers) wake();
  };
  let watching: { watcher: FSWatcher | undefined; timer: NodeJS.Timeout } | undefined;

  const stopWatching = (): void => {
    if (watching === undefined) return;
    watching.watcher?.close();
    clearInterval(watching.timer);
    watching = undefined;
  };

  return {
    send() {
      wakeAll();
      try {
        writeSync(descriptor, ".", 0);
      } catch {
        // The commit stands; the others find it with their next poll.
      }
    },
    listen(wake) {
      wakers.add(wake);
      watching ??= { watcher: tryWatch(file, wakeAll), timer: setInterval(wakeAll, POLL_MS) };
      return () => {
        wakers.delete(wake);
        if (wakers.size === 0) stopWatching();
      };
    },
    close() {
      wakeAll();
      stopWatching();
      closeSync(descriptor);
    },
  };
}

/** Watches if the system lets us (it may be out of watches); the poll alone is enough to be correct. */
function tryWatch(file: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(file, changed);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
