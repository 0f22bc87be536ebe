import type { DatabaseSync } from "node:sqlite";
import { fail } from "../../../errors.ts";
import type { AppendOptions, AppendResult, EpochMs, Fence, Position, StoredEvent } from "../../../ports.ts";
import { conflict } from "../conflict.ts";

/** An event whose data is already JSON text. */
export interface EncodedEvent {
  readonly type: string;
  readonly data: string;
}

/** The journal's tables. All methods are synchronous; `append` must run inside a write transaction. */
export interface Events {
  append(stream: string, events: readonly EncodedEvent[], options: AppendOptions, at: EpochMs): AppendResult;
  readStream(stream: string, after: number, limit: number): readonly StoredEvent[];
  readAll(after: Position, limit: number): readonly StoredEvent[];
  /** Removes what is between the first and the last event of a stream; must run inside a write transaction. */
  trim(stream: string): number;
  /** Position of the newest event; 0 = none. */
  head(): Position;
  /** As `readAll`, but stops when the page has grown large, so that a reader of large events keeps a small footprint. */
  page(after: Position): readonly StoredEvent[];
}

const PAGE_EVENTS = 500;
const PAGE_CHARS = 4 * 1024 * 1024;

/** Prepares the statements of the journal; `currentToken` is the newest token of a lease. */
export function eventsOf(db: DatabaseSync, currentToken: (lease: string) => number): Events {
  const head = db.prepare("SELECT version, position FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1");
  const insert = db.prepare("INSERT INTO events (stream, version, type, at, data) VALUES (?, ?, ?, ?, ?)");
  const command = db.prepare("SELECT version, position FROM commands WHERE stream = ? AND id = ?");
  const remember = db.prepare("INSERT INTO commands (stream, id, version, position) VALUES (?, ?, ?, ?)");
  const ofStream = db.prepare("SELECT * FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?");
  const between = db.prepare("DELETE FROM events WHERE stream = ? AND version > 1 AND version < ?");
  const forget = db.prepare("DELETE FROM commands WHERE stream = ? AND version > 1 AND version < ?");
  const newest = db.prepare("SELECT COALESCE(MAX(position), 0) AS position FROM events");
  const ofAll = db.prepare("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?");

  return {
    append(stream, events, options, at) {
      const { commandId, expected, fence } = options;
      const first = commandId === undefined ? undefined : command.get(stream, commandId);
      if (first !== undefined) return { version: Number(first["version"]), position: Number(first["position"]), duplicate: true };
      if (fence !== undefined) refuseOutdated(fence, currentToken(fence.lease));
      const last = head.get(stream);
      let version = Number(last?.["version"] ?? 0);
      let position = Number(last?.["position"] ?? 0);
      if (expected !== undefined && expected !== version) throw conflict(`stream ${stream}`, expected, version);
      for (const event of events) {
        version += 1;
        position = Number(insert.run(stream, version, event.type, at, event.data).lastInsertRowid);
      }
      if (commandId !== undefined) remember.run(stream, commandId, version, position);
      return { version, position, duplicate: false };
    },
    trim(stream) {
      const last = Number(head.get(stream)?.["version"] ?? 0);
      forget.run(stream, last);
      return Number(between.run(stream, last).changes);
    },
    readStream: (stream, after, limit) => ofStream.all(stream, after, limit).map(toEvent),
    head: () => Number(newest.get()?.["position"]),
    readAll: (after, limit) => ofAll.all(after, limit).map(toEvent),
    page(after) {
      const events: StoredEvent[] = [];
      let size = 0;
      for (const row of ofAll.iterate(after, PAGE_EVENTS)) {
        events.push(toEvent(row));
        size += String(row["data"]).length;
        if (size >= PAGE_CHARS) break;
      }
      return events;
    },
  };
}

/** A token above the newest one can only come from another store's lease, so only the newest is good. */
function refuseOutdated(fence: Fence, current: number): void {
  if (fence.token === current) return;
  throw fail("FENCED", { message: `The lease "${fence.lease}" was lost: its token is ${current}, this process has ${fence.token}.` });
}

function toEvent(row: Record<string, unknown>): StoredEvent {
  return {
    position: Number(row["position"]),
    stream: String(row["stream"]),
    version: Number(row["version"]),
    type: String(row["type"]),
    at: Number(row["at"]),
    data: JSON.parse(String(row["data"])),
  };
}
