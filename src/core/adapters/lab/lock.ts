import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { fail } from "../../errors.ts";
import { identify, isRunning } from "./processes.ts";

function holderRuns(path: string): boolean {
  try {
    const [pid = "", started = ""] = readFileSync(path, "utf8").trim().split(" ");
    return isRunning({ pid: Number(pid), started });
  } catch {
    return false;
  }
}

function take(path: string): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    writeSync(file, `${process.pid} ${identify(process.pid)?.started ?? ""}\n`);
    closeSync(file);
    return true;
  } catch {
    return false;
  }
}

/** Does `work` while no other process works under the same lock file; a lock whose process has ended does not count. @throws LAB_BUSY */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  if (!take(path)) {
    if (holderRuns(path)) throw fail("LAB_BUSY", { message: `Another process is bringing this lab up or down (${path}).` });
    rmSync(path, { force: true });
    if (!take(path)) throw fail("LAB_BUSY", { message: `Another process is bringing this lab up or down (${path}).` });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
