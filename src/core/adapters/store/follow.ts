import type { Position, StoredEvent } from "../../ports.ts";

/** Calls `wake` after every commit, perhaps without a reason. Returns the way to stop. */
interface Waker {
  listen(wake: () => void): () => void;
}

/**
 * Yields the events after a position, then goes on with new ones as they are committed. Positions are given in commit order, so reading
 * "everything after the last one" misses nothing. Ends when the signal aborts or `closed` says so.
 */
export async function* follow(
  page: (after: Position) => Promise<readonly StoredEvent[]>,
  nudge: Waker,
  closed: () => boolean,
  query: { readonly after: Position; readonly signal: AbortSignal },
): AsyncGenerator<StoredEvent, void, void> {
  const { signal } = query;
  let after = query.after;
  let pending = true; // something may have happened since the last read began
  let wakeUp: () => void = () => {};
  const wake = (): void => {
    pending = true;
    wakeUp();
  };
  const stopListening = nudge.listen(wake);
  signal.addEventListener("abort", wake);
  try {
    while (!signal.aborted && !closed()) {
      if (!pending) await new Promise<void>((resolve) => (wakeUp = resolve));
      pending = false;
      if (signal.aborted || closed()) return;
      const events = await page(after);
      if (events.length > 0) pending = true;
      for (const event of events) {
        if (signal.aborted) return;
        after = event.position;
        yield event;
      }
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", wake);
  }
}
