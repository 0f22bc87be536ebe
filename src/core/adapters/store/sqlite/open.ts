import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock, Doc, DocPart, Json, Store } from "../../../ports.ts";
import { openDatabase, patienceWith } from "./database.ts";
import { docsOf } from "./docs.ts";
import { eventsOf } from "./events.ts";
import { storeFault } from "./faults.ts";
import { groupCommit } from "./group-commit.ts";
import { leasesOf } from "./leases.ts";
import { openNudge } from "./nudge.ts";
import { type Patience, patiently } from "./patience.ts";
import { preparePlace, staysInPlace } from "./place.ts";
import { follow } from "../follow.ts";
import { pagesWith } from "../pages.ts";

/** Settings of an embedded store; the defaults are right outside of tests. */
export interface SqliteOptions {
  /** Stamps events and judges leases; the system's clock by default. */
  readonly clock?: Pick<Clock, "now">;
  /** How long to wait for another process's lock, in milliseconds (default 30 000). */
  readonly busyLimitMs?: number;
  /** Largest size of the database file in bytes, whole pages of 4096; writes beyond it meet `STORE_FULL`. Unlimited by default. */
  readonly maxBytes?: number;
}

/**
 * Opens the embedded store in `file`, making it and its folder if needed. Any number of processes on one machine may have it open.
 * An append that has resolved survives kill -9 and power loss (write-ahead log, synchronous FULL).
 * Problems: `STORE_UNSUITABLE`, `STORE_NEWER`, `STORE_CORRUPT`, `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export async function openSqliteStore(file: string, options: SqliteOptions = {}): Promise<Store> {
  const path = resolve(file);
  const patience = patienceWith(path, options.busyLimitMs);
  preparePlace(path);
  const db = await openDatabase(path, patience, options.maxBytes);
  try {
    return storeOn(db, patience, options.clock ?? { now: () => Date.now() });
  } catch (error) {
    db.close();
    throw storeFault(error, path);
  }
}

function storeOn(db: DatabaseSync, patience: Patience, clock: Pick<Clock, "now">): Store {
  const leases = leasesOf(db);
  const events = eventsOf(db, (lease) => leases.token(lease));
  const docs = docsOf(db);
  const nudge = openNudge(`${patience.file}-nudge`);
  const writer = groupCommit(db, patience, {
    check: staysInPlace(patience.file),
    changed: () => events.forgetHeads(),
    committed: () => nudge.send(),
  });
  let closing: Promise<void> | undefined;

  /** Reads meet locks too: while the log of a killed process is recovered. */
  const reading = <T>(read: () => T): Promise<T> => patiently(patience, read);

  const close = async (): Promise<void> => {
    await writer.drain();
    nudge.close();
    db.close();
  };

  return {
    append(stream, newEvents, appendOptions = {}) {
      const encoded = newEvents.map(({ type, data }) => ({ type, data: JSON.stringify(data) }));
      const bytes = encoded.reduce((sum, each) => sum + each.data.length, 0);
      return writer.write(bytes, () => events.append(stream, encoded, appendOptions, clock.now()));
    },
    read: ({ stream, after = 0, limit = 1000 }) =>
      reading(() => (stream === undefined ? events.readAll(after, limit).events : events.readStream(stream, after, limit))),
    head: () => reading(() => events.head()),
    subscribe: (query) =>
      follow(
        {
          page: pagesWith((after, limit) => reading(() => events.readAll(after, limit, query.types))),
          nudge,
          closed: () => closing !== undefined,
          readAhead: false,
        },
        query,
      ),
    get: <T extends Json>(collection: string, key: string): Promise<Doc<T> | undefined> => reading(() => docs.get<T>(collection, key)),
    list: <T extends Json>(collection: string, prefix = "", part?: DocPart): Promise<readonly Doc<T>[]> =>
      reading(() => docs.list<T>(collection, prefix, part)),
    keys: (collection) => reading(() => docs.keys(collection)),
    put(collection, key, value, rev) {
      const encoded = JSON.stringify(value);
      return writer.write(encoded.length, () => docs.put(collection, key, encoded, rev));
    },
    delete: (collection, key, rev) => writer.write(0, () => docs.delete(collection, key, rev)),
    trim: (stream) => writer.write(0, () => events.trim(stream)),
    // Between two turns of the event loop no transaction of this connection is open.
    compact: () =>
      reading(() => db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")).catch((error: unknown) =>
        Promise.reject(storeFault(error, patience.file)),
      ),
    acquire: (lease, owner, ttlMs) => writer.write(0, () => leases.acquire(lease, owner, ttlMs, clock.now())),
    holder: (lease) => reading(() => leases.holder(lease, clock.now())),
    release: (lease) => writer.write(0, () => leases.release(lease)),
    close: () => (closing ??= close()),
  };
}
