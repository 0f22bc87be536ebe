import { hasCode } from "../../core/errors.ts";
import { type Recorded, fromStored } from "../../core/journal/events.ts";
import type { StoredEvent } from "../../core/ports.ts";
import type { Topic } from "./topic.ts";

/** The end of the journal, oldest first. */
export interface JournalTail {
  readonly events: readonly Recorded[];
  /** There are older ones in the store. */
  readonly more: boolean;
}

/** Events that are kept at most, however many come. */
const most = 20_000;

/** The last `count` events of the journal, and those that come. */
export function journalTopic(count: number): Topic<JournalTail> {
  return {
    key: `journal:${count}`,
    async load({ store }) {
      const head = await store.head();
      const stored: StoredEvent[] = [];
      // Positions have gaps, so what is read may be less; never more.
      const first = Math.max(0, head - count);
      for (let after = first; ; ) {
        const page = await store.read({ after, limit: 1_000 });
        stored.push(...page);
        after = page.at(-1)?.position ?? head;
        if (page.length < 1_000) break;
      }
      return { events: stored.flatMap((each) => readable(each) ?? []), more: first > 0 };
    },
    touched: () => false,
    fold: (tail, event) =>
      event.seq <= (tail.events.at(-1)?.seq ?? 0) ? tail : { events: [...tail.events, event].slice(-most), more: tail.more },
  };
}

/** An event that cannot be read must not hide all others. */
function readable(stored: StoredEvent): Recorded | undefined {
  try {
    return fromStored(stored);
  } catch (error) {
    if (hasCode(error, "STORE_CORRUPT")) return undefined;
    throw error;
  }
}
