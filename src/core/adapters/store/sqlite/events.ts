import type { DatabaseSync, StatementSync } from "node:sqlite";
import { fail } from "../../../errors.ts";
import type { AppendOptions, AppendResult, EpochMs, Fence, Position, StoredEvent } from "../../../ports.ts";
import { conflict } from "../conflict.ts";
import type { Page } from "../pages.ts";

/** An event whose data is already JSON text. */
export interface EncodedEvent {
  readonly type: string;
  readonly data: string;
}

/** The journal's tables. All methods are synchronous; `append` must run inside a write transaction. */
export interface Events {
  append(stream: string, events: readonly EncodedEvent[], options: AppendOptions, at: EpochMs): AppendResult;
  readStream(stream: string, after: number, limit: number): readonly StoredEvent[];
  /** `types`: only events of these types come with their data. */
  readAll(after: Position, limit: number, types?: readonly string[]): Page;
  /** What was read of heads may be otherwise now: to be called when a write transaction begins, and when something in it was undone. */
  forgetHeads(): void;
  /** Removes what is between the first and the last event of a stream; must run inside a write transaction. */
  trim(stream: string): number;
  /** Position of the newest event; 0 = none. */
  head(): Position;
}

/** Prepares the statements of the journal; `currentToken` is the newest token of a lease. */
export function eventsOf(db: DatabaseSync, currentToken: (lease: string) => number): Events {
  const head = db.prepare("SELECT version, position FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1");
  const insert = db.prepare("INSERT INTO events (stream, version, type, at, data) VALUES (?, ?, ?, ?, ?)");
  const command = db.prepare("SELECT version, position FROM commands WHERE stream = ? AND id = ?");
  const remember = db.prepare("INSERT INTO commands (stream, id, version, position) VALUES (?, ?, ?, ?)");
  const ofStream = rowsOf(db, "data", "WHERE stream = ? AND version > ? ORDER BY version LIMIT ?");
  const between = db.prepare("DELETE FROM events WHERE stream = ? AND version > 1 AND version < ?");
  const forget = db.prepare("DELETE FROM commands WHERE stream = ? AND version > 1 AND version < ?");
  const newest = db.prepare("SELECT COALESCE(MAX(position), 0) AS position FROM events");
  const ofAll = rowsOf(db, "data", "WHERE position > ? ORDER BY position LIMIT ?");
  const ofTypes = rowsOf(db, "iif(type IN (SELECT value FROM json_each(?)), data, 'null')", "WHERE position > ? ORDER BY position LIMIT ?");
  /** Heads of streams within the present transaction: many appends of one run share it. */
  const heads = new Map<string, { readonly version: number; readonly position: number }>();

  const headOf = (stream: string): { readonly version: number; readonly position: number } => {
    const known = heads.get(stream);
    if (known !== undefined) return known;
    const last = head.get(stream);
    return { version: Number(last?.["version"] ?? 0), position: Number(last?.["position"] ?? 0) };
  };

  return {
    append(stream, events, options, at) {
      const { commandId, expected, fence } = options;
      const first = commandId === undefined ? undefined : command.get(stream, commandId);
      if (first !== undefined) return { version: Number(first["version"]), position: Number(first["position"]), duplicate: true };
      if (fence !== undefined) refuseOutdated(fence, currentToken(fence.lease));
      let { version, position } = headOf(stream);
      if (expected !== undefined && expected !== version) throw conflict(`stream ${stream}`, expected, version);
      for (const event of events) {
        version += 1;
        position = Number(insert.run(stream, version, event.type, at, event.data).lastInsertRowid);
      }
      heads.set(stream, { version, position });
      if (commandId !== undefined) remember.run(stream, commandId, version, position);
      return { version, position, duplicate: false };
    },
    forgetHeads: () => heads.clear(),
    trim(stream) {
      const last = Number(head.get(stream)?.["version"] ?? 0);
      forget.run(stream, last);
      return Number(between.run(stream, last).changes);
    },
    readStream: (stream, after, limit) => ofStream.all(stream, after, limit).map(toEvent),
    head: () => Number(newest.get()?.["position"]),
    readAll: (after, limit, types) => {
      const rows = types === undefined ? ofAll.all(after, limit) : ofTypes.all(JSON.stringify(types), after, limit);
      return { events: rows.map(toEvent), chars: rows.reduce((sum, row) => sum + charsOf(row), 0) };
    },
  };
}

/** A token above the newest one can only come from another store's lease, so only the newest is good. */
function refuseOutdated(fence: Fence, current: number): void {
  if (fence.token === current) return;
  throw fail("FENCED", { message: `The lease "${fence.lease}" was lost: its token is ${current}, this process has ${fence.token}.` });
}

/** Arrays, not objects with names: following the journal costs half as much. */
function rowsOf(db: DatabaseSync, data: string, where: string): StatementSync {
  const statement = db.prepare(`SELECT position, stream, version, type, at, ${data} FROM events ${where}`);
  statement.setReturnArrays(true);
  return statement;
}

type Row = readonly [position: number, stream: string, version: number, type: string, at: number, data: string];

/** The tables are STRICT: numbers are numbers, and texts are texts. */
function toEvent(row: unknown): StoredEvent {
  const [position, stream, version, type, at, data] = row as Row;
  return { position, stream, version, type, at, data: JSON.parse(data) };
}

function charsOf(row: unknown): number {
  return (row as Row)[5].length;
}
