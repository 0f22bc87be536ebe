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
