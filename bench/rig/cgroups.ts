import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Accounts for the computing time of processes and all that they start. */
export interface Account {
  /** File to which a process writes its own id to belong to this account; `undefined` = this machine cannot tell. */
  readonly joinFile: string | undefined;
  /** Computing time so far, in ms; `undefined` = this machine cannot tell. */
  usedMs(): number | undefined;
  /** Ends every process that still belongs to it. */
  close(): Promise<void>;
}

/** Opens an account by control group (version 1 `cpuacct`, or version 2), or one that knows nothing where there is none to write to. */
export function openAccount(name: string): Account {
  const first = existsSync("/sys/fs/cgroup/cpuacct");
  const folder = join(first ? "/sys/fs/cgroup/cpuacct" : "/sys/fs/cgroup", `halligan-bench-${process.pid}-${name}`);
  try {
    mkdirSync(folder);
    const read = first ? () => Number(readFileSync(join(folder, "cpuacct.usage"), "utf8")) / 1e6 : () => readStat(folder);
    read();
    return { joinFile: join(folder, "cgroup.procs"), usedMs: read, close: () => remove(folder) };
  } catch {
    return { joinFile: undefined, usedMs: () => undefined, close: async () => undefined };
  }
}

function readStat(folder: string): number {
  const [, microseconds] = /^usage_usec (\d+)$/mu.exec(readFileSync(join(folder, "cpu.stat"), "utf8")) ?? [];
  return Number(microseconds) / 1e3;
}

async function remove(folder: string): Promise<void> {
  for (let tries = 0; tries < 100 && existsSync(folder); tries++) {
    try {
      const left = readFileSync(join(folder, "cgroup.procs"), "utf8")
        .split("\n")
        .filter((line) => line !== "");
      for (const pid of left) process.kill(Number(pid), "SIGKILL");
      rmdirSync(folder);
    } catch {
      await sleep(20); // a process that is just ending still belongs to it
    }
  }
}
