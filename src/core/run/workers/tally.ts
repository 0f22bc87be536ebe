import type { JobOutcome } from "../executor.ts";

/** What a worker has done since it was started, and what it does. */
export interface WorkerTally {
  /** Jobs that it works on. */
  readonly running: number;
  /** Deliveries that wait until the turn on their node is free. */
  readonly waitingForTurn: number;
  /** Jobs that others had begun, or this worker before it lost them, and that it attached to. */
  readonly takenOver: number;
  /** Deliveries that another shall try. */
  readonly givenBack: number;
  /** Jobs that it saw end, by how. */
  readonly ended: Readonly<Record<JobOutcome["end"], number>>;
}

/** Before anything was delivered. */
export const emptyTally: WorkerTally = {
  running: 0,
  waitingForTurn: 0,
  takenOver: 0,
  givenBack: 0,
  ended: { done: 0, failed: 0, unknown: 0 },
};
