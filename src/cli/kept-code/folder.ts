import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ownFolder } from "../own-folder.ts";

/** Bits of a mode that let others than the owner write. */
const othersWrite = 0o022;

/**
 * The folder in which compiled code is kept from one start to the next.
 * What lies there is run without being compared with the program, so it is used only where nobody else can write to it: a folder of this user's own, no link.
 * The system's folder for temporary files, where Node.js would keep it, is everybody's. `undefined`: there is no such folder and none can be made; then
 * everything is compiled anew.
 */
export function keptCodeFolder(env: Readonly<Record<string, string | undefined>>, home?: () => string): string | undefined {
  try {
    const folder = ownFolder("cache", env, home);
    // Two levels and no more: a home folder that is not there (`/nonexistent` of many a system's users) is not made.
    for (const each of [dirname(folder), folder]) if (!existsSync(each)) mkdirSync(each, { mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & othersWrite) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}
