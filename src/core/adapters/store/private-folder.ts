import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./file-faults.ts";

/**
 * Makes a folder and what is missing above it, all with mode 0700. Throws what the system call threw. (Node's own recursive `mkdir` never
 * returns where a folder exists but nothing can be made in it, such as /proc.)
 */
export function makePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, 0o700);
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
    mkdirSync(folder, 0o700);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
