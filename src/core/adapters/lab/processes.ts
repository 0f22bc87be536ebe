import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processStat, startField } from "../process-stat.ts";

/** A process told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, and the boot it belongs to: `/proc/PID/stat` field 22 and the kernel's boot id. */
  readonly started: string;
}

function startOf(pid: number): string | undefined {
  const fields = processStat(pid);
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[startField]}`;
}

/** Identifies a running process; `undefined` when there is none with this pid. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while exactly this process runs (a zombie does not count). */
export function isRunning(process_: ProcessIdentity): boolean {
  return startOf(process_.pid) === process_.started;
}

/** Sends a signal if exactly this process still runs. */
function signal(process_: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch {
    // It ended between the two lines.
  }
}

/** Waits until none of the processes runs. False when the time is over before that. */
export async function waitForEnd(processes: readonly ProcessIdentity[], timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (processes.some(isRunning)) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

/** Ends a process: `gentle` first, KILL after `graceMs`. Returns when it is gone. */
export async function endProcess(process_: ProcessIdentity, gentle: NodeJS.Signals, graceMs: number): Promise<void> {
  signal(process_, gentle);
  if (await waitForEnd([process_], graceMs)) return;
  signal(process_, "SIGKILL");
  await waitForEnd([process_], 5_000);
}

/** Host pids of a process's direct children. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
