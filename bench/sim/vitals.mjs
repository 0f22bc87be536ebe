/**
 * Loaded into a process that is measured (`node --import`): when it ends, it writes its figures to a file named by its process id, in the folder that
 * `HALLIGAN_BENCH_VITALS` names. Its own cost is a timer of 10 ms.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** Figures of one process. */
export interface Vitals {
  readonly pid: number;
  readonly args: readonly string[];
  /** Since the epoch. */
  readonly startedAt: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  /** How late the event loop came to a timer. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

const folder = process.env["HALLIGAN_BENCH_VITALS"];
if (folder !== undefined) {
  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.once("exit", () => {
    const { user, system } = process.cpuUsage();
    const vitals: Vitals = {
      pid: process.pid,
      args: process.argv.slice(2),
      startedAt: performance.timeOrigin,
      wallMs: performance.now(),
      cpuMs: (user + system) / 1000,
      peakMiB: process.resourceUsage().maxRSS / 1024,
      delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolution),
      delayMaxMs: Math.max(0, delay.max / 1e6 - resolution),
    };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(vitals));
  });
}
