import { resolve } from "node:path";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { logsIn } from "../../log-names.ts";
import { openLogs } from "../../logs.ts";
import { notEmpty, type Snapshots, type StateRecord } from "../snapshot.ts";
import { openDatabase } from "./database.ts";
import { storeFault } from "./faults.ts";
import { preparePlace } from "./place.ts";

type StoreRecord = Exclude<StateRecord, { kind: "log" }>;

/** Copies of an embedded store and of the logs in a folder. */
export function snapshotsIn(file: string, folder: string): Snapshots {
  const logs = openLogs(folder, Number.MAX_SAFE_INTEGER);
  return {
    async *dump() {
      yield* dumpSqlite(file);
      for (const name of logsIn(folder)) {
        const { bytes } = await logs.read(name, 0, Number.MAX_SAFE_INTEGER);
        yield { kind: "log", ...name, base64: Buffer.from(bytes).toString("base64") };
      }
    },
    async leases() {
      const path = resolve(file);
      const db = await openDatabase(path);
      try {
        return db
          .prepare("SELECT name FROM leases ORDER BY name")
          .all()
          .map(({ name }) => String(name));
      } catch (error) {
        throw storeFault(error, path);
      } finally {
        db.close();
      }
    },
    async restore(records) {
      if (logsIn(folder).length > 0) throw notEmpty(folder);
      await restoreSqlite(file, records, (log) => logs.append(log, Buffer.from(log.base64, "base64")));
    },
  };
}

/** Everything of an embedded store but its logs, as it is at one moment. Problems: those of `openSqliteStore`. */
async function* dumpSqlite(file: string): AsyncGenerator<StoreRecord> {
  const path = resolve(file);
  const db = await openDatabase(path);
  try {
    db.exec("BEGIN"); // what is written from now on is not seen
    for (const row of db.prepare("SELECT * FROM events ORDER BY position").iterate()) {
      const { position, version, at } = numbers(row, ["position", "version", "at"]);
      yield {
        kind: "event",
        position,
        stream: String(row["stream"]),
        version,
        type: String(row["type"]),
        at,
        data: JSON.parse(String(row["data"])),
      };
    }
    for (const row of db.prepare("SELECT * FROM commands ORDER BY stream, id").iterate()) {
      const { version, position } = numbers(row, ["version", "position"]);
      yield { kind: "command", stream: String(row["stream"]), id: String(row["id"]), version, position };
    }
    for (const row of db.prepare("SELECT * FROM docs ORDER BY collection, key").iterate()) {
      const { rev } = numbers(row, ["rev"]);
      const value = row["value"] === null ? {} : { value: JSON.parse(String(row["value"])) };
      yield { kind: "document", collection: String(row["collection"]), key: String(row["key"]), rev, ...value };
    }
    for (const row of db.prepare("SELECT name, token FROM leases ORDER BY name").iterate()) {
      yield { kind: "lease", name: String(row["name"]), token: numbers(row, ["token"]).token };
    }
  } catch (error) {
    throw storeFault(error, path);
  } finally {
    db.close();
  }
}

/** Fills an empty embedded store, all or nothing; gives back the logs, which are not its own. @throws `STORE_NOT_EMPTY`, and those of `openSqliteStore`. */
async function restoreSqlite(
  file: string,
  records: AsyncIterable<StateRecord>,
  log: (record: StateRecord & { kind: "log" }) => Promise<void>,
): Promise<void> {
  const path = resolve(file);
  preparePlace(path);
  const db = await openDatabase(path);
  try {
    db.exec("BEGIN IMMEDIATE");
    const filled = db
      .prepare("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM docs) + (SELECT count(*) FROM leases) AS n")
      .get();
    if (Number(filled?.["n"]) > 0) throw notEmpty(path);
    const insert = inserts(db);
    for await (const record of records) {
      if (record.kind === "log") await log(record);
      else insert(record);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw storeFault(error, path);
  } finally {
    db.close();
  }
}

function inserts(db: DatabaseSync): (record: StoreRecord) => void {
  const event = db.prepare("INSERT INTO events (position, stream, version, type, at, data) VALUES (?, ?, ?, ?, ?, ?)");
  const command = db.prepare("INSERT INTO commands (stream, id, version, position) VALUES (?, ?, ?, ?)");
  const document = db.prepare("INSERT INTO docs (collection, key, rev, value) VALUES (?, ?, ?, ?)");
  const lease = db.prepare("INSERT INTO leases (name, owner, token, ttl, expires) VALUES (?, NULL, ?, 0, 0)");
  return (record) => {
    switch (record.kind) {
      case "event":
        event.run(record.position, record.stream, record.version, record.type, record.at, JSON.stringify(record.data));
        return;
      case "command":
        command.run(record.stream, record.id, record.version, record.position);
        return;
      case "document": {
        const value: SQLInputValue = record.value === undefined ? null : JSON.stringify(record.value);
        document.run(record.collection, record.key, record.rev, value);
        return;
      }
      case "lease":
        lease.run(record.name, record.token);
        return;
      default:
        record satisfies never;
    }
  };
}

function numbers<K extends string>(row: Record<string, unknown>, keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, Number(row[key])])) as Record<K, number>;
}
