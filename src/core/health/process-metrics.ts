import type { EpochMs } from "../ports.ts";
import type { MetricFamily, Sample } from "./open-metrics.ts";

/** What a process knows of itself. */
export interface ProcessVitals {
  readonly startedAt: EpochMs;
  /** Delay of the event loop since the last look, seconds. */
  readonly loopDelay: { readonly mean: number; readonly max: number };
  readonly residentBytes: number;
  readonly version: string;
}

const prefix = "halligan_";

/** A family of gauges. */
export function gauge(name: string, help: string, samples: readonly Sample[], unit?: "seconds" | "bytes"): MetricFamily {
  return { name: prefix + name, type: "gauge", help, samples, ...(unit === undefined ? {} : { unit }) };
}

/** A family of counters: they grow until the process ends. */
export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: prefix + name, type: "counter", help, samples };
}

/** Which version this process is. */
export function buildFamily({ version }: ProcessVitals): MetricFamily {
  return gauge("build_info", "Version of this process.", [{ labels: { version }, value: 1 }]);
}

/** How the process itself fares. */
export function processFamilies({ loopDelay, residentBytes, startedAt }: ProcessVitals): readonly MetricFamily[] {
  return [
    gauge(
      "event_loop_delay_mean_seconds",
      "Mean delay of this process's event loop since the last look.",
      [{ value: loopDelay.mean }],
      "seconds",
    ),
    gauge(
      "event_loop_delay_max_seconds",
      "Largest delay of this process's event loop since the last look.",
      [{ value: loopDelay.max }],
      "seconds",
    ),
    gauge("process_resident_memory_bytes", "Memory of this process.", [{ value: residentBytes }], "bytes"),
    gauge("process_start_time_seconds", "When this process was started, since 1970.", [{ value: startedAt / 1000 }], "seconds"),
  ];
}
