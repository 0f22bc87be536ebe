import type { Position, StoredEvent } from "../../ports.ts";

/** Calls `wake` after every commit, perhaps without a reason. Returns the way to stop. */
interface Waker {
  listen(wake: () => void): () => void;
}

/** Where a follower's events come from. */
export interface Source {
  /** Some events after a position, the oldest first; none = there is nothing newer. */
  page(after: Position): Promise<readonly StoredEvent[]>;
  readonly nudge: Waker;
  closed(): boolean;
  /** True where pages come from another process, which can prepare one while the one before is looked at. */
  readonly readAhead: boolean;
}

/** Where to begin, and when to end. */
interface Query {
  readonly after: Position;
  readonly signal: AbortSignal;
  /** Of all that the source gives, only events of these types. */
  readonly types?: readonly string[];
}

type Given = IteratorResult<StoredEvent, void>;

/**
 * Gives the events after a position, then goes on with new ones as they are committed. Positions are given in commit order, so reading
 * "everything after the last one" misses nothing. Ends when the signal aborts or the source is closed.
 */
export function follow(source: Source, query: Query): AsyncIterableIterator<StoredEvent, void, void> {
  const { signal } = query;
  const types = query.types === undefined ? undefined : new Set(query.types);
  const pages = pagesOf(source, query);
  let page: readonly StoredEvent[] = [];
  let at = 0;
  let waiting = 0; // calls that have had no answer yet: they are answered in their order
  let turn: Promise<unknown> = Promise.resolve();

  const end = async (): Promise<Given> => {
    page = [];
    await pages.return();
    return { done: true, value: undefined };
  };
  const take = async (): Promise<Given> => {
    for (;;) {
      if (signal.aborted) return await end();
      const event = page[at];
      if (event !== undefined) {
        at += 1;
        return { done: false, value: event };
      }
      const { done, value } = await pages.next();
      if (done === true) return { done, value: undefined };
      [page, at] = [types === undefined ? value : value.filter(({ type }) => types.has(type)), 0];
    }
  };
  return {
    next() {
      const event = page[at];
      // Most events lie here already: each step of a generator would cost more than reading the event did.
      if (event !== undefined && waiting === 0 && !signal.aborted) {
        at += 1;
        return Promise.resolve({ done: false, value: event });
      }
      waiting += 1;
      const mine = turn.then(take).finally(() => (waiting -= 1));
      turn = mine.catch(() => {});
      return mine;
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The pages of events, none of them empty. */
async function* pagesOf({ page, nudge, closed, readAhead }: Source, query: Query): AsyncGenerator<readonly StoredEvent[], void, void> {
  const { signal } = query;
  const over = (): boolean => signal.aborted || closed();
  let after = query.after;
  let pending = true; // something may have happened since the last read began
  let wakeUp: () => void = () => {};
  const wake = (): void => {
    pending = true;
    wakeUp();
  };
  const read = (): Promise<readonly StoredEvent[]> => {
    pending = false;
    const reading = page(after);
    reading.catch(() => {}); // told to whoever awaits it, if somebody does
    return reading;
  };
  const stopListening = nudge.listen(wake);
  signal.addEventListener("abort", wake);
  try {
    let ahead: Promise<readonly StoredEvent[]> | undefined;
    while (!over()) {
      if (!pending && ahead === undefined) await new Promise<void>((resolve) => (wakeUp = resolve));
      if (over()) return;
      const events = await (ahead ?? read());
      ahead = undefined;
      const last = events.at(-1);
      if (last === undefined) continue;
      after = last.position;
      pending = true; // perhaps there is more
      if (readAhead) ahead = read();
      yield events;
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", wake);
  }
}
