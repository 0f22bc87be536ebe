import { fail } from "../../errors.ts";
import { type Recorded, fromStored } from "../../journal/events.ts";
import type { Store } from "../../ports.ts";

/**
 * Folds a whole stream, oldest event first. What decides whether work may go on must not be guessed: an event that this version does not
 * know is refused. @throws `STORE_CORRUPT`, and what the store throws.
 */
export async function foldStream<State>(
  store: Store,
  stream: string,
  start: State,
  fold: (state: State, event: Recorded) => State,
): Promise<State> {
  let state = start;
  for (let after = 0; ; ) {
    const page = await store.read({ stream, after, limit: 1000 });
    for (const stored of page) {
      const event = fromStored(stored);
      if (event === undefined) {
        throw fail("STORE_CORRUPT", {
          message: `Stream ${stream} holds an event that this version does not know (${stored.type}).`,
          hint: "A newer version of Halligan wrote it: use that one.",
        });
      }
      state = fold(state, event);
      after = stored.version;
    }
    if (page.length < 1000) return state;
  }
}
