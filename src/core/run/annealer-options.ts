import type { Judge } from "../authority/gate.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, Fence, Logs, Store } from "../ports.ts";
import type { NodeLink } from "./remote/node-link.ts";
import type { ScheduleLimits } from "./schedule.ts";
import type { Workshop } from "./workshop.ts";

/** What one engine needs to carry out a run. */
export interface AnnealerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logs: Logs;
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
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  readonly limits: ScheduleLimits & { readonly patienceMs: number; readonly checkDeadlineMs: number };
}
