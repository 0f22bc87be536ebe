import { createHash } from "node:crypto";
import { hasCode } from "../../core/errors.ts";
import type { Clock, Store } from "../../core/ports.ts";

/** What was received, by its key: several instances and Slack's own retries meet here. */
const collection = "slack-inbound";

/** Slack retries for an hour at most; a day leaves room for clocks that differ. */
const keptMs = 24 * 60 * 60_000;

/** Takes each act once. */
export interface Claims {
  /** True for whoever comes first with this key, in whatever process. Problems: those of the store. */
  claim(key: string): Promise<boolean>;
  /** Forgets what is older than a day. */
  prune(): Promise<void>;
}

/** Makes the claims of one store. */
export function createClaims(store: Store, clock: Clock): Claims {
  return {
    async claim(key) {
      const name = createHash("sha256").update(key).digest("hex");
      try {
        await store.put(collection, name, { at: clock.now() }, 0);
        return true;
      } catch (error) {
        if (hasCode(error, "VERSION_CONFLICT")) return false;
        throw error;
      }
    },
    async prune() {
      const before = clock.now() - keptMs;
      for (const { key, value, rev } of await store.list<{ at: number }>(collection)) {
        if (value.at >= before) continue;
        await store.delete(collection, key, rev).catch((error: unknown) => {
          if (!hasCode(error, "VERSION_CONFLICT")) throw error; // another instance was faster
        });
      }
    },
  };
}
