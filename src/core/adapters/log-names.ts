import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { LogName } from "../ports.ts";
import { errnoOf, fileFault } from "./store/file-faults.ts";

/** Where a log is kept below the folder of logs. */
export function logFile(dir: string, log: LogName): string {
  return join(runFolder(dir, log.run), fileName(log.node), `${fileName(log.role)}.log`);
}

/** Where all logs of a run are kept. */
export function runFolder(dir: string, run: string): string {
  return join(dir, fileName(run));
}

const LONGEST_NAME = 200; // file systems allow 255 bytes; this leaves room for what is added

/** A file name for any text: different texts get different names, none of them hidden, special or too long. */
function fileName(text: string): string {
  const safe = [...Buffer.from(text)]
    .map((byte, index) => {
      const mark = String.fromCharCode(byte);
      const plain = /[A-Za-z0-9_-]/.test(mark) || (mark === "." && index > 0);
      return plain ? mark : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
  if (safe === "") return "%";
  if (safe.length <= LONGEST_NAME) return safe;
  return `${safe.slice(0, LONGEST_NAME - 66)}%%${createHash("sha256").update(text).digest("hex")}`;
}

/** The logs in a folder, in the order of their names; without those whose names were too long to be kept whole. @throws `STORE_UNAVAILABLE`. */
export function logsIn(dir: string): readonly LogName[] {
  let files: readonly string[];
  try {
    files = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(dir, join(entry.parentPath, entry.name)));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileFault(error, dir);
  }
  return files
    .filter((file) => /^[^/]+\/[^/]+\/[^/]+\.log$/u.test(file) && !file.includes("%%"))
    .map((file) => file.slice(0, -".log".length).split(sep).map(textOf))
    .map(([run = "", node = "", role = ""]) => ({ run, node, role }));
}

/** The text that a file name stands for. */
function textOf(name: string): string {
  return name === "%" ? "" : decodeURIComponent(name);
}
