import { type Presence, readPresence } from "../../core/presence/presence.ts";
import type { Topic } from "./topic.ts";

/** Who has this cluster open, without when they were last heard of: that changes all the time and is not shown. */
export const presenceTopic: Topic<readonly Omit<Presence, "seenAt">[]> = {
  key: "presence",
  load: async ({ store, clock }) => (await readPresence(store, clock.now())).map(({ seenAt: _, ...each }) => each),
  touched: () => false,
  everyMs: 5_000,
};
