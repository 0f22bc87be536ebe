/**
 * Loaded into a process that is measured (`node --import`): when it ends, it writes its figures to a file named by its process id, in the folder that
 * `HALLIGAN_BENCH_VITALS` names. Its own cost is a timer of 10 ms; not TypeScript, since what reads that would add 20 MiB and 30 ms to every figure.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";

const folder = process.env["HALLIGAN_BENCH_VITALS"];
if (folder !== undefined) {
  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.once("exit", () => {
    const { user, system } = process.cpuUsage();
    /** @type {import("./vitals.mjs").Vitals} */
    const vitals = {
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
