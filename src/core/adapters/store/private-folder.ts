import { closeSync, existsSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "./file-faults.ts";

const setGroup = 0o2000;
const groupMayAll = 0o070;

/**
 * True for a cluster's `.halligan`, or a folder in it, that several local users share: its group may do everything in it, and what is made in it
 * belongs to that group (setgid). Somebody has made it so on purpose (docs/people.md); Halligan never opens a folder to others by itself, and
 * the modes of other folders mean nothing here.
 */
export function isShared(folder: string): boolean {
  if (!/(^|\/)\.halligan(\/|$)/u.test(folder)) return false;
  try {
    const { mode } = statSync(folder);
    return (mode & setGroup) !== 0 && (mode & groupMayAll) === groupMayAll;
  } catch {
    return false; // whoever opens something in it says what is wrong
  }
}

/** The mode of a new file in a folder: for its owner only, or for the group that shares the folder. */
export function fileMode(folder: string): number {
  return isShared(folder) ? 0o660 : 0o600;
}

/**
 * Makes a folder and what is missing above it, all with mode 0700, or open to the group within a shared folder; a new `.halligan` is kept out of
 * git. Throws what the system call threw. (Node's own recursive `mkdir` never returns where a folder exists but nothing can be made in it, such as /proc.)
 */
export function makePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, modeWithin(folder));
    keepOutOfGit(folder);
  } catch (error) {
    if (errnoOf(error) === "EEXIST" && statSync(folder).isDirectory()) return;
    if (errnoOf(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    makePrivateFolder(dirname(folder));
    mkdirOnce(folder);
  }
}

/** The second try, with the parent there; another process may be quicker. */
function mkdirOnce(folder: string): void {
  try {
    mkdirSync(folder, modeWithin(folder));
    keepOutOfGit(folder);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

/**
 * A cluster folder is often a git repository, and its `.halligan` holds the identity that opens every sealed secret: a `.gitignore` in it keeps
 * `git add` away from all of it. One that is there stays as it is; that it cannot be written hinders nothing.
 */
export function keepOutOfGit(folder: string): void {
  const file = join(folder, ".gitignore");
  if (basename(folder) !== ".halligan" || existsSync(file)) return;
  try {
    const opened = openSync(file, "wx", fileMode(folder));
    try {
      writeSync(opened, "# Keys, logs and state of this machine: nothing for a repository.\n*\n");
    } finally {
      closeSync(opened);
    }
  } catch {
    // another process was quicker, or the folder is full or belongs to somebody else: the store's own messages say so
  }
}

/** The setgid bit is inherited. */
function modeWithin(folder: string): number {
  return isShared(dirname(folder)) ? 0o770 : 0o700;
}
