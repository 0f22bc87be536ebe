import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ProcessVitals } from "../../core/health/process-metrics.ts";
import { systemClock } from "../house/clock.ts";
import { programVersion } from "../program-version.ts";

/** Watches this process itself. */
export interface VitalsWatch {
  now(): ProcessVitals;
  /** Begins a new span for the delays of the event loop. */
  look(): void;
  end(): void;
}

/** Begins to watch this process. */
export function watchVitals(): VitalsWatch {
  const startedAt = systemClock.now();
  const version = programVersion();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let loopDelay = { mean: 0, max: 0 };
  return {
    now: () => ({ startedAt, version, loopDelay, residentBytes: process.memoryUsage.rss() }),
    look() {
      loopDelay = { mean: seconds(delay.mean), max: seconds(delay.max) };
      delay.reset();
    },
    end: () => void delay.disable(),
  };
}

/** Nanoseconds as seconds; nothing measured yet is 0. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0;
}
