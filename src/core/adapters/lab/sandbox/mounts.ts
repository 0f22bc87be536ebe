import { readFileSync } from "node:fs";

/** One line of `/proc/self/mountinfo`, as far as the sandbox needs it. */
export interface Mount {
  readonly path: string;
  readonly options: readonly string[];
  readonly type: string;
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Parses mountinfo text (proc_pid_mountinfo(5)). */
export function parseMounts(text: string): readonly Mount[] {
  return text
    .split("\n")
    .filter((line) => line.includes(" - "))
    .map((line) => {
      const [left = "", right = ""] = line.split(" - ");
      const fields = left.split(" ");
      return { path: unescape(fields[4] ?? ""), options: (fields[5] ?? "").split(","), type: right.split(" ")[0] ?? "" };
    });
}

/** What is mounted in this process's view of the machine. */
export function readMounts(): readonly Mount[] {
  return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** True when `path` is `ancestor` or lies under it. */
export function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(ancestor === "/" ? "/" : `${ancestor}/`);
}

/** True when something is mounted strictly below a path: a user namespace cannot overlay such a tree (its submounts are locked). */
export function hasMountsBelow(mounts: readonly Mount[], path: string): boolean {
  return mounts.some((mount) => mount.path !== path && isUnder(mount.path, path));
}
