import { readFileSync, statSync } from "node:fs";
import { processStat } from "../../process-stat.ts";

/** The byte of the shared-memory file that a writer locks: WAL_WRITE_LOCK, https://www.sqlite.org/walformat.html section 2.3. */
const writeLockByte = 120;

/** A process that is in the middle of a write. */
export interface LockHolder {
  readonly pid: number;
  /** It does not run: Ctrl+Z, SIGSTOP or a debugger. */
  readonly isStopped: boolean;
}

/** Who holds the write lock of the database `file`; `undefined` where that cannot be told: no /proc, or a process of another container. */
export function lockHolder(file: string): LockHolder | undefined {
  try {
    const inode = String(statSync(`${file}-shm`).ino);
    for (const line of readFileSync("/proc/locks", "latin1").split("\n")) {
      // `1: POSIX  ADVISORY  WRITE 4711 fe:00:123456 120 120`, proc_locks(5)
      const [, kind, , access, pid, place, start, end] = line.split(/\s+/u);
      if (kind !== "POSIX" || access !== "WRITE" || place?.split(":")[2] !== inode || Number(pid) <= 0) continue;
      if (Number(start) <= writeLockByte && (end === "EOF" || Number(end) >= writeLockByte))
        return { pid: Number(pid), isStopped: isStopped(Number(pid)) };
    }
  } catch {
    // Nothing is told where nothing can be known.
  }
  return undefined;
}

function isStopped(pid: number): boolean {
  const state = processStat(pid)?.[0];
  return state === "T" || state === "t";
}
