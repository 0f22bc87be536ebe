import { DatabaseSync } from "node:sqlite";
import { type Patience, patiently } from "./patience.ts";
import { migrate } from "./schema.ts";

/** How long to wait for another process's lock; 30 s unless told. */
export function patienceWith(path: string, limitMs = 30_000): Patience {
  return { file: path, limitMs };
}

/** Opens the database file and brings it to the present schema. May throw SQLite's own errors: `storeFault` turns them. */
export async function openDatabase(path: string, patience = patienceWith(path), maxBytes?: number): Promise<DatabaseSync> {
  const db = await patiently(patience, () => new DatabaseSync(path, { timeout: 0 }));
  try {
    await patiently(patience, () => {
      // Asking first matters: two processes that both switch a new file to WAL make each other fail.
      if (db.prepare("PRAGMA journal_mode").get()?.["journal_mode"] !== "wal") db.exec("PRAGMA journal_mode = WAL");
      db.exec("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF");
      if (process.platform === "darwin") db.exec("PRAGMA fullfsync = 1");
      if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / 4096)}`);
      migrate(db, path);
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
