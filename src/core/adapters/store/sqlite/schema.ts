import type { DatabaseSync } from "node:sqlite";
import { fail } from "../../../errors.ts";

/** Marks the file as ours: "HALG" in SQLite's header. */
const APPLICATION_ID = 0x48414c47;

/** One entry per version of the schema, each leading from the version before it. Released entries never change. */
const migrations: readonly string[] = [
  `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE TABLE commands (
    stream TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE docs (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    rev INTEGER NOT NULL,
    value TEXT,
    PRIMARY KEY (collection, key)
  ) STRICT;
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT,
    token INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;
  `,
];

/**
 * Brings the file to the present schema in one transaction; safe when several processes open a new file at once.
 * Problems: `STORE_NEWER`, `STORE_UNSUITABLE` for a file of another program. May throw SQLite's "busy": call again.
 */
export function migrate(db: DatabaseSync, file: string): void {
  if (versionOf(db, file) === migrations.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const from = versionOf(db, file);
    if (from === 0) {
      db.exec(
        `PRAGMA application_id = ${APPLICATION_ID}; CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT; INSERT INTO schema_version VALUES (0)`,
      );
    }
    for (const step of migrations.slice(from)) db.exec(step);
    db.prepare("UPDATE schema_version SET version = ?").run(migrations.length);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** The schema version of the file; 0 = empty. */
function versionOf(db: DatabaseSync, file: string): number {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  if (tables.length === 0) return 0;
  if (db.prepare("PRAGMA application_id").get()?.["application_id"] !== APPLICATION_ID) {
    throw fail("STORE_UNSUITABLE", {
      message: `${file} is a database of another program.`,
      cause: "The path given to `--state` is not a Halligan store.",
    });
  }
  const version = Number(db.prepare("SELECT version FROM schema_version").get()?.["version"]);
  if (version > migrations.length) {
    throw fail("STORE_NEWER", {
      message: `The store ${file} has schema version ${version}; this version of Halligan knows up to ${migrations.length}.`,
    });
  }
  return version;
}
