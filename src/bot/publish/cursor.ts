import { hasCode } from "../../core/errors.ts";
import type { Json, Position, Store } from "../../core/ports.ts";

const collection = "slack-cursors";

/** How far the journal of a cluster has been told in Slack. */
export interface Cursor {
  readonly position: Position;
  /** Remembers a position; written down when `now` says so, and with `save`. */
  advance(position: Position, now: boolean): void;
  save(): Promise<void>;
}

/** Opens the cursor; a cluster that is served for the first time begins with what happens from now on. */
export async function createCursor(store: Store, cluster: string): Promise<Cursor> {
  const doc = await store.get<Json>(collection, cluster);
  const known = (doc?.value as { readonly position?: number } | undefined)?.position;
  let position = known ?? (await store.head());
  let saved = known ?? -1;
  const save = async (): Promise<void> => {
    if (saved === position) return;
    const wanted = position;
    const before = await store.get<Json>(collection, cluster);
    await store.put(collection, cluster, { position: wanted }, before?.rev ?? 0).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody else publishes by now
    });
    saved = wanted;
  };
  return {
    get position() {
      return position;
    },
    advance(next, now) {
      position = Math.max(position, next);
      if (now) void save().catch(() => undefined); // tried again with the next look
    },
    save,
  };
}
