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

/** How far the journal has been told in Slack, as written down; `undefined` = nobody has begun. */
export async function readCursor(store: Store, cluster: string): Promise<Position | undefined> {
  const doc = await store.get<Json>(collection, cluster);
  return (doc?.value as { readonly position?: Position } | undefined)?.position;
}

/**
 * Opens the cursor for who tells. A cluster that is served for the first time begins with what happens from now on, and
 * that is written down at once: whoever dies before its first look would leave nothing, and the next one would begin
 * after what nobody has been told.
 */
export async function openCursor(store: Store, cluster: string): Promise<Cursor> {
  const known = await readCursor(store, cluster);
  let position = known ?? (await store.head());
  let saved = known;
  const save = async (): Promise<void> => {
    if (saved === position) return;
    const wanted = position;
    const before = await store.get<Json>(collection, cluster);
    await store.put(collection, cluster, { position: wanted }, before?.rev ?? 0).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody else publishes by now
    });
    saved = wanted;
  };
  await save();
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
