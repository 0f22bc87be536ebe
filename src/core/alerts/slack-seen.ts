import { hasCode } from "../errors.ts";
import type { Clock, EpochMs, Json, Store } from "../ports.ts";

const [collection, key] = ["alert-marks", "slack"];
/** How often a process that reaches Slack says so at most, ms. */
const leastMs = 30_000;

/**
 * Since when nobody who serves the cluster has reached Slack; `undefined` = somebody has, a moment ago. Whoever reaches it says so in the store, so that one
 * process that is cut off alone wakes nobody.
 */
export async function slackAwaySince(store: Store, clock: Pick<Clock, "now">, up: boolean): Promise<EpochMs | undefined> {
  const doc = await store.get<Json>(collection, key);
  const seen = (doc?.value as { readonly at?: EpochMs } | undefined)?.at;
  const now = clock.now();
  if (seen === undefined || (up && now - seen >= leastMs)) {
    await store.put(collection, key, { at: now }, doc?.rev ?? 0).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody else says so
    });
    return undefined;
  }
  return up ? undefined : seen;
}
