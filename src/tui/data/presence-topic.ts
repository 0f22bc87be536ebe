import { type Presence, readPresence } from "../../core/presence/presence.ts";
import type { Topic } from "./topic.ts";

/** Who has this cluster open. It is not in the journal, so it is asked now and then. */
export const presenceTopic: Topic<readonly Presence[]> = {
  key: "presence",
  load: ({ store, clock }) => readPresence(store, clock.now()),
  touched: () => false,
  everyMs: 5_000,
};
