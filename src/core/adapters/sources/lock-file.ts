import { randomBytes } from "node:crypto";
import { link, readFile, unlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fail, HalliganError, type Problem } from "../../errors.ts";
import { lockFileName, readLockText, writeLockText } from "../../files/lock-text.ts";
import type { LockedBarclamps } from "../../model/lock-file.ts";
import { errnoOf } from "../store/file-faults.ts";
import { replaceFile } from "../intent/replace-file.ts";

/** The lock file of a cluster folder as it was read. */
export interface ReadLock {
  readonly text: string | undefined;
  readonly barclamps: LockedBarclamps;
  readonly problems: readonly Problem[];
}

/** Reads `halligan.lock`; a folder without one has an empty one. What is wrong with it comes as problems. */
export async function readLock(clusterFolder: string): Promise<ReadLock> {
  const path = join(clusterFolder, lockFileName);
  try {
    const text = await readFile(path, "utf8");
    return { text, ...readLockText(relative(process.cwd(), path) || path, text) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { text: undefined, barclamps: {}, problems: [] };
    throw fail("FILE_NOT_FOUND", { message: `Cannot read ${path}: ${errnoOf(error) ?? String(error)}.`, error });
  }
}

/** Writes the lock file in one go, if it is still what was read. @throws `LOCK_FILE_CHANGED`, `FILE_UNWRITABLE`. */
export async function writeLock(clusterFolder: string, before: ReadLock, barclamps: LockedBarclamps): Promise<void> {
  const path = join(clusterFolder, lockFileName);
  const text = writeLockText(barclamps);
  if (text === before.text) return;
  try {
    if (before.text === undefined) await writeFirst(path, text);
    else await replaceFile(path, before.text, text);
  } catch (error) {
    if (error instanceof HalliganError && error.code === "PROPOSAL_STALE") throw changed(path);
    if (error instanceof HalliganError) throw error;
    if (errnoOf(error) === "EEXIST") throw changed(path);
    throw fail("FILE_UNWRITABLE", {
      message: `${path} cannot be written.`,
      cause: error instanceof Error ? error.message : String(error),
      error,
    });
  }
}

async function writeFirst(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, text, { flag: "wx" });
    await link(draft, path);
  } finally {
    await unlink(draft).catch(() => undefined); // what was linked stays under its own name
  }
}

function changed(path: string): HalliganError {
  return fail("LOCK_FILE_CHANGED", { message: `${path} was changed by somebody at this moment.` });
}
