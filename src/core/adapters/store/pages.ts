import type { Position, StoredEvent } from "../../ports.ts";

/** Some events of the journal, the oldest first, and how long their data is. */
export interface Page {
  readonly events: readonly StoredEvent[];
  readonly chars: number;
}

/** Events of a follower's first page: little is read before it is known how large events are here. */
const fewest = 50;
const most = 500;
/** What a page should not grow beyond, characters: a reader of large events keeps a small footprint. */
const pageChars = 4 * 1024 * 1024;

/**
 * Reads the journal in pages: they grow while events are small, and shrink as soon as they are not.
 * @param read some events after a position, at most `limit`.
 */
export function pagesWith(read: (after: Position, limit: number) => Promise<Page>): (after: Position) => Promise<readonly StoredEvent[]> {
  let limit = fewest;
  return async (after) => {
    const { events, chars } = await read(after, limit);
    const fitting = Math.floor((pageChars * events.length) / Math.max(chars, 1));
    if (events.length > 0) limit = Math.max(1, Math.min(most, limit * 2, fitting));
    return events;
  };
}
