import type { Judge } from "../authority/gate.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, Fence, Store } from "../ports.ts";
import type { Executor } from "./executor.ts";
import type { ScheduleLimits } from "./schedule.ts";
import type { Workshop } from "./workshop.ts";

/** What one engine needs to carry out a run. */
export interface AnnealerOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Proof of the lease, checked with every append and on the nodes. */
  readonly fence: Fence;
  /** Names the store on nodes: 8 hex digits. */
  readonly scope: string;
  /** This engine process, for people: `host:pid`. */
  readonly engine: string;
  readonly plan: Plan;
  readonly workshop: Workshop;
  /** Asked before the run starts and before node-roles start. */
  readonly gate: Judge;
  /** Carries out the jobs that the annealer decides on. */
  readonly executor: Executor;
  readonly limits: ScheduleLimits;
}
