import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { LogPart, Logs } from "../ports.ts";
import { logFile, runFolder } from "./log-names.ts";
import { errnoOf, fileFault } from "./store/file-faults.ts";
import { fileMode, makePrivateFolder } from "./store/private-folder.ts";

const DEFAULT_CAP = 4 * 1024 * 1024;
const DEFAULT_READ = 1024 * 1024;

/**
 * Keeps logs as `dir/<run>/<node>/<role>.log`, folders 0700 and files 0600. `capBytes` bounds the output in one file (default 4 MiB).
 * One process at a time appends to a log (the one that executes the run); any may read.
 */
export function openLogs(dir: string, capBytes = DEFAULT_CAP): Logs {
  const busy = new Map<string, Promise<void>>();

  return {
    append(log, bytes) {
      const file = logFile(dir, log);
      const turn = (busy.get(file) ?? Promise.resolve()).catch(() => {}).then(() => appendTo(file, bytes, capBytes));
      busy.set(file, turn);
      const forget = (): void => {
        if (busy.get(file) === turn) busy.delete(file);
      };
      turn.then(forget, forget);
      return turn;
    },
    read: (log, from, limit = DEFAULT_READ) => readFrom(logFile(dir, log), () => from, limit),
    tail: (log, limit) => readFrom(logFile(dir, log), (size) => Math.max(0, size - limit), limit),
    forget: (run) => forgetRun(runFolder(dir, run)),
  };
}

async function appendTo(file: string, bytes: Uint8Array, capBytes: number): Promise<void> {
  try {
    const handle = await openToAppend(file);
    try {
      const { size } = await handle.stat();
      if (size > capBytes) return; // the line about the cap is there already
      const room = capBytes - size;
      await handle.appendFile(bytes.subarray(0, room));
      if (bytes.length > room) await handle.appendFile(`\n[output was cut here: a log holds at most ${capBytes} bytes]\n`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileFault(error, file);
  }
}

async function forgetRun(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    await rm(folder, { recursive: true, force: true });
    return entries.filter((each) => each.isFile()).length;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return 0;
    throw fileFault(error, folder);
  }
}

async function openToAppend(file: string): Promise<FileHandle> {
  try {
    return await open(file, "a", fileMode(dirname(file)));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    makePrivateFolder(dirname(file));
    return await open(file, "a", fileMode(dirname(file)));
  }
}

async function readFrom(file: string, start: (size: number) => number, limit: number): Promise<LogPart> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileFault(error, file);
    const from = start(0);
    return { bytes: new Uint8Array(0), from, next: from };
  }
  try {
    const { size } = await handle.stat();
    const from = start(size);
    const buffer = new Uint8Array(Math.max(0, Math.min(limit, size - from)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return { bytes: buffer.subarray(0, bytesRead), from, next: from + bytesRead };
  } catch (error) {
    throw fileFault(error, file);
  } finally {
    await handle.close();
  }
}
