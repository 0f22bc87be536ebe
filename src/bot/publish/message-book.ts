import { hasCode } from "../../core/errors.ts";
import type { EpochMs, Json, Store } from "../../core/ports.ts";
import type { Posted } from "../send/sender.ts";

/** Collections of the cluster's store: messages by what they are about, and what they are about by where they stand. */
const messagesCollection = "slack-messages";
const placesCollection = "slack-places";

/** One message that is kept up to date. */
export interface KeptMessage extends Posted {
  /** `P-7`, `R-12`. */
  readonly subject: string;
  /** The thread that the message itself stands in, if it does. */
  readonly thread?: string;
  /** False: it shows its last state. */
  readonly open: boolean;
  /** What was last told to people beside the message, so that a change is told once. */
  readonly phase: string;
  /** Position in the journal up to which its thread has been told; `telling`: up to where a post that is on its way tells. */
  readonly told: number;
  readonly telling?: number;
  readonly at: EpochMs;
  /** All of the plan is a file in the thread. */
  readonly filed?: true;
}

/** The messages of one cluster. */
export interface MessageBook {
  get(subject: string): Promise<KeptMessage | undefined>;
  /** Enters a message; the one that was entered first is kept. */
  enter(message: KeptMessage): Promise<KeptMessage>;
  /** Changes an entry by what it is at that moment. */
  change(subject: string, to: (before: KeptMessage) => KeptMessage): Promise<KeptMessage | undefined>;
  all(): Promise<readonly KeptMessage[]>;
  /** What the message at a place is about. */
  subjectAt(at: Posted): Promise<string | undefined>;
}

/** Opens the book of one cluster. */
export function messageBook(store: Store, cluster: string): MessageBook {
  const key = (subject: string): string => `${cluster}:${subject}`;
  const place = async ({ channel, ts }: Posted, subject: string): Promise<void> => {
    const known = await store.get<Json>(placesCollection, `${cluster}:${channel}:${ts}`);
    if (known === undefined)
      await store.put(placesCollection, `${cluster}:${channel}:${ts}`, { subject }, 0).catch((error: unknown) => ignoreConflict(error));
  };
  const get = async (subject: string): Promise<KeptMessage | undefined> =>
    (await store.get<Json>(messagesCollection, key(subject)))?.value as unknown as KeptMessage | undefined;
  return {
    get,
    async enter(message) {
      try {
        await store.put(messagesCollection, key(message.subject), message as unknown as Json, 0);
        await place(message, message.subject);
        return message;
      } catch (error) {
        ignoreConflict(error);
        return (await get(message.subject)) ?? message;
      }
    },
    async change(subject, to) {
      for (;;) {
        const doc = await store.get<Json>(messagesCollection, key(subject));
        if (doc === undefined) return undefined;
        const before = doc.value as unknown as KeptMessage;
        const after = to(before);
        if (JSON.stringify(after) === JSON.stringify(before)) return before;
        try {
          await store.put(messagesCollection, key(subject), after as unknown as Json, doc.rev);
          if (after.ts !== before.ts || after.channel !== before.channel) await place(after, subject);
          return after;
        } catch (error) {
          ignoreConflict(error);
        }
      }
    },
    async all() {
      return (await store.list<Json>(messagesCollection, `${cluster}:`)).map((doc) => doc.value as unknown as KeptMessage);
    },
    async subjectAt({ channel, ts }) {
      const doc = await store.get<Json>(placesCollection, `${cluster}:${channel}:${ts}`);
      return (doc?.value as { readonly subject?: string } | undefined)?.subject;
    },
  };
}

function ignoreConflict(error: unknown): void {
  if (!hasCode(error, "VERSION_CONFLICT")) throw error;
}
