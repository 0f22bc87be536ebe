import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Doc, DocPart, Json } from "../../../ports.ts";
import { conflict } from "../conflict.ts";

/** The documents' table. All methods are synchronous; `put` and `delete` must run inside a write transaction. */
export interface Docs {
  get<T extends Json>(collection: string, key: string): Doc<T> | undefined;
  /** In the order of the keys' UTF-8 bytes. */
  list<T extends Json>(collection: string, prefix: string, part: DocPart | undefined): readonly Doc<T>[];
  keys(collection: string): readonly string[];
  /** `value` is JSON text. */
  put(collection: string, key: string, value: string, rev: number): number;
  delete(collection: string, key: string, rev: number): void;
}

/**
 * Prepares the statements of the documents. A deleted document leaves its revision behind (with no value), so that a key that is made
 * again does not repeat revisions and a writer with old knowledge is still refused.
 */
export function docsOf(db: DatabaseSync): Docs {
  const one = db.prepare("SELECT key, rev, value FROM docs WHERE collection = ? AND key = ?");
  const from = (value: string): StatementSync =>
    db.prepare(`SELECT key, rev, ${value} AS value FROM docs WHERE collection = ? AND key >= ? AND value IS NOT NULL ORDER BY key`);
  const all = from("value");
  // Left out before it becomes a text of ours: that is what fields cost.
  const without = from("json_remove(value, ?)");
  const only = from("json_object(?, value -> ?)");
  const rowsOf = (collection: string, prefix: string, part: DocPart | undefined): Iterable<Record<string, unknown>> => {
    if (part === undefined) return all.iterate(collection, prefix);
    if ("without" in part) return without.iterate(pathOf(part.without), collection, prefix);
    return only.iterate(part.only, pathOf(part.only), collection, prefix);
  };
  const names = db.prepare("SELECT key FROM docs WHERE collection = ? AND value IS NOT NULL ORDER BY key");
  const upsert = db.prepare(
    "INSERT INTO docs (collection, key, rev, value) VALUES (?, ?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET rev = excluded.rev, value = excluded.value",
  );

  /** What a writer must know (0 = there is no document), and the last revision ever used. */
  const revisions = (collection: string, key: string): { readonly live: number; readonly last: number } => {
    const row = one.get(collection, key);
    const last = Number(row?.["rev"] ?? 0);
    return { live: row === undefined || row["value"] === null ? 0 : last, last };
  };

  return {
    get<T extends Json>(collection: string, key: string) {
      const row = one.get(collection, key);
      return row === undefined || row["value"] === null ? undefined : toDoc<T>(row);
    },
    list<T extends Json>(collection: string, prefix: string, part: DocPart | undefined) {
      const found: Doc<T>[] = [];
      for (const row of rowsOf(collection, prefix, part)) {
        if (!String(row["key"]).startsWith(prefix)) break; // keys are sorted: those with the prefix stand together, from it on
        found.push(toDoc<T>(row));
      }
      return found;
    },
    keys: (collection) => names.all(collection).map((row) => String(row["key"])),
    put(collection, key, value, rev) {
      const { live, last } = revisions(collection, key);
      if (live !== rev) throw conflict(`${collection}/${key}`, rev, live);
      upsert.run(collection, key, last + 1, value);
      return last + 1;
    },
    delete(collection, key, rev) {
      const { live } = revisions(collection, key);
      if (live !== rev || live === 0) throw conflict(`${collection}/${key}`, rev, live);
      upsert.run(collection, key, live, null);
    },
  };
}

/** A field at the top of a document, as SQLite names it. */
function pathOf(field: string): string {
  return `$.${JSON.stringify(field)}`;
}

function toDoc<T extends Json>(row: Record<string, unknown>): Doc<T> {
  return { key: String(row["key"]), value: JSON.parse(String(row["value"])) as T, rev: Number(row["rev"]) };
}
