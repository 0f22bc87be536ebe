import { statSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { fail } from "../../../errors.ts";
import type { Store } from "../../../ports.ts";
import { eventsOf } from "./events.ts";
import { storeFault } from "./faults.ts";

/** A store of which only the journal is read. */
export interface StoreCopy extends Pick<Store, "read"> {
  close(): void;
}

/**
 * Opens a copy of an embedded store without writing anything: also from a read-only disk, and as a user who may only read.
 * Problems: `STORE_UNAVAILABLE`, `STORE_UNSUITABLE`, `STORE_CORRUPT`.
 */
export function openStoreCopy(file: string): StoreCopy {
  const path = resolve(file);
  const db = openReadOnly(path);
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (!tables.some((each) => each["name"] === "events")) throw fail("STORE_UNSUITABLE", { message: `${path} is not a Halligan store.` });
    const events = eventsOf(db, () => 0);
    return {
      async read({ stream, after = 0, limit = 1000 }) {
        try {
          return stream === undefined ? events.readAll(after, limit).events : events.readStream(stream, after, limit);
        } catch (error) {
          throw storeFault(error, path);
        }
      },
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw storeFault(error, path);
  }
}

function openReadOnly(path: string): DatabaseSync {
  try {
    statSync(path);
    if (isEmpty(`${path}-wal`)) {
      // Nothing is pending, so nothing but this file is needed: SQLite would otherwise make files beside it.
      const url = pathToFileURL(path);
      url.searchParams.set("immutable", "1");
      return new DatabaseSync(url, { readOnly: true });
    }
    const db = new DatabaseSync(path, { readOnly: true });
    db.prepare("SELECT count(*) FROM sqlite_schema").get(); // opening alone reads nothing
    return db;
  } catch (error) {
    throw storeFault(error, path);
  }
}

function isEmpty(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}
