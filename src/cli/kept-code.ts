import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Bits of a mode that let others than the owner write. */
const othersWrite = 0o022;

/**
 * The folder in which compiled code is kept from one start to the next: `halligan` in `XDG_CACHE_HOME`, or in `~/.cache` (XDG Base Directory Specification).
 * What lies there is run without being compared with the program, so it is used only where nobody else can write to it: a folder of this user's own, no link.
 * The system's folder for temporary files, where Node.js would keep it, is everybody's. `undefined`: there is no such folder and none can be made; then
 * everything is compiled anew.
 */
export function keptCodeFolder(env: Readonly<Record<string, string | undefined>>, home: () => string = homedir): string | undefined {
  try {
    const named = env["XDG_CACHE_HOME"] ?? "";
    const caches = isAbsolute(named) ? named : join(home(), ".cache");
    const folder = join(caches, "halligan");
    // Two levels and no more: a home folder that is not there (`/nonexistent` of many a system's users) is not made.
    for (const each of [caches, folder]) if (!existsSync(each)) mkdirSync(each, { mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & othersWrite) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}
