import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Counts what is committed to an SQLite database in WAL mode, by whichever process; each commit is one `fsync`. */
export interface TransactionCount {
  /** Commits since the count began. */
  count(): number;
  end(): void;
}

const headerBytes = 32;
const frameHeaderBytes = 24;

/** Begins to count. While it does, an open reader keeps the log from starting over, so every commit can still be found in it. */
export function countTransactions(file: string): TransactionCount {
  const reader = new DatabaseSync(file, { timeout: 30_000 });
  reader.exec("BEGIN; SELECT COUNT(*) FROM sqlite_schema");
  const before = commitsIn(`${file}-wal`);
  return {
    count: () => commitsIn(`${file}-wal`) - before,
    end: () => reader.close(),
  };
}

/** Frames that end a transaction hold the size of the database after it (https://www.sqlite.org/fileformat2.html#walformat). */
function commitsIn(wal: string): number {
  const bytes = readFileSync(wal);
  if (bytes.length < headerBytes) return 0;
  const frameBytes = frameHeaderBytes + bytes.readUInt32BE(8);
  const salts = bytes.subarray(16, 24);
  let commits = 0;
  for (let at = headerBytes; at + frameBytes <= bytes.length; at += frameBytes) {
    // Behind the newest frame there may be frames of an earlier round.
    if (!bytes.subarray(at + 8, at + 16).equals(salts)) break;
    if (bytes.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}
