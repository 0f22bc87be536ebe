import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";

/** The least that a journal of streams must do on a store, written straight on its driver: what the store of ours is compared with. */
export interface RawStore {
  /** Appends one event of a stream at an expected version, once per command. */
  append(number: number): void | Promise<void>;
  /** Appends events `from` to `from + count - 1` as well as the driver can when they are there at once. */
  together(from: number, count: number): void | Promise<void>;
  /** Reads and parses all events, in pages; returns how many there were. */
  readAll(page: number): number | Promise<number>;
  close(): void | Promise<void>;
}

const stream = "bench";

/** What an event holds: about 300 bytes. */
export function eventData(number: number): { readonly number: number; readonly text: string } {
  return { number, text: "x".repeat(270) };
}

/** `node:sqlite`, as the embedded store sets it: WAL, each transaction on the disk before it counts (FULL). */
export function rawSqlite(file: string): RawStore {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT, version INTEGER, at INTEGER, data TEXT, UNIQUE (stream, version)) STRICT;
    CREATE TABLE commands (stream TEXT, id TEXT, version INTEGER, PRIMARY KEY (stream, id)) STRICT, WITHOUT ROWID`);
  const known = db.prepare("SELECT version FROM commands WHERE stream = ? AND id = ?");
  const version = db.prepare("SELECT coalesce(max(version), 0) AS version FROM events WHERE stream = ?");
  const add = db.prepare("INSERT INTO events (stream, version, at, data) VALUES (?, ?, ?, ?)");
  const note = db.prepare("INSERT INTO commands (stream, id, version) VALUES (?, ?, ?)");
  const pageOf = db.prepare("SELECT position, stream, version, at, data FROM events WHERE position > ? ORDER BY position LIMIT ?");
  const one = (number: number): void => {
    if (known.get(stream, `c-${number}`) !== undefined || version.get(stream)?.["version"] !== number) throw new Error("not as expected");
    add.run(stream, number + 1, Date.now(), JSON.stringify(eventData(number)));
    note.run(stream, `c-${number}`, number + 1);
  };
  const together = (from: number, count: number): void => {
    db.exec("BEGIN IMMEDIATE");
    for (let at = 0; at < count; at++) one(from + at);
    db.exec("COMMIT");
  };
  return {
    append: (number) => together(number, 1),
    together,
    readAll(page) {
      let read = 0;
      for (let after = 0; ; ) {
        const rows = pageOf.all(after, page);
        for (const row of rows) JSON.parse(String(row["data"]));
        read += rows.length;
        after = Number(rows.at(-1)?.["position"] ?? 0);
        if (rows.length < page) return read;
      }
    },
    close: () => db.close(),
  };
}

const script = `
if redis.call('HGET', KEYS[3], ARGV[1]) then return 0 end
local version = redis.call('LLEN', KEYS[2])
if version ~= tonumber(ARGV[2]) then return redis.error_reply('not as expected') end
local position = redis.call('INCR', KEYS[4])
local time = redis.call('TIME')
redis.call('XADD', KEYS[1], position .. '-0', 's', 'bench', 'v', version + 1, 'a', time[1], 'd', ARGV[3])
redis.call('RPUSH', KEYS[2], position)
redis.call('HSET', KEYS[3], ARGV[1], version + 1)
return position`;

/** ioredis with one script per append, as the store on Redis needs for compare-and-append. */
export async function rawRedis(port: number): Promise<RawStore> {
  const redis = new Redis({ host: "127.0.0.1", port });
  const sha = String(await redis.script("LOAD", script));
  const keys = ["events", "versions", "commands", "head"].map((name) => `{raw}:${name}`);
  const one = async (number: number): Promise<void> =>
    void (await redis.evalsha(sha, keys.length, ...keys, `c-${number}`, number, JSON.stringify(eventData(number))));
  return {
    append: one,
    together: async (from, count) => void (await Promise.all(Array.from({ length: count }, (_, at) => one(from + at)))),
    async readAll(page) {
      let read = 0;
      for (let after = "-"; ; ) {
        const entries = await redis.xrange(keys[0] ?? "", after, "+", "COUNT", page);
        for (const [, fields] of entries) JSON.parse(fields.at(-1) ?? "");
        read += entries.length;
        after = `(${entries.at(-1)?.[0]}`;
        if (entries.length < page) return read;
      }
    },
    close: () => redis.disconnect(),
  };
}
