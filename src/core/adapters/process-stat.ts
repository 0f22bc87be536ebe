import { readFileSync } from "node:fs";

/** Where the start of a process stands among the fields of `processStat`, in clock ticks after boot: field 22 of proc_pid_stat(5). */
export const startField = 19;

/** What the kernel says of a process from its state on: fields 3 and up of `/proc/PID/stat`, proc_pid_stat(5). `undefined`: there is no such process, or no /proc. */
export function processStat(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before them may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
