import type { Problem } from "../errors.ts";
import type { JournalEvent, Recorded } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { RunState } from "./state.ts";
import type { KnownOutputs } from "./workshop.ts";

/** One node-role to be carried out, once. Holds references and what is known, never a secret. */
export interface JobTask {
  readonly run: string;
  readonly planned: PlannedNodeRole;
  /** Counts from 1. */
  readonly attempt: number;
  /** The job's name on the node. */
  readonly job: string;
  /** Another engine has sent it perhaps: the node is asked before anything is sent. */
  readonly attachFirst: boolean;
  /** The last that was heard of it is that it reboots its node. */
  readonly rebooting: boolean;
  /** How exactly the node must be as the plan saw it. */
  readonly staleness: "exact" | "bounded";
  /** Outputs of this run so far. */
  readonly outputs: KnownOutputs;
}

/** How a job came to its end; a fact that can be written down. `changed` counts steps. */
export type JobOutcome =
  /** All steps hold. `reason`: how that is known, where the job did not say so itself. */
  | { readonly end: "done"; readonly changed: number; readonly reason?: string }
  | { readonly end: "failed"; readonly changed: number; readonly problem: Problem }
  /** Nobody knows; `gone`: the node said that nothing of the job is left there. */
  | { readonly end: "unknown"; readonly changed: number; readonly problem: Problem; readonly gone: boolean };

/** Where whoever carries out a job says what happens. */
export interface JobOutlets {
  /** Puts a fact of the job into the run's stream; `key` is unique within the run, and the same when the job is read again. */
  append(event: JournalEvent, key: string): Promise<void>;
  /** How the run was told to end, if it was: what was not sent by then is not sent any more. */
  cancelled(): RunState["cancel"];
}

/** What carries out jobs: this process, or workers near the nodes. One per run. */
export interface Executor {
  /**
   * Carries one job to its end, or finds how it ended. Never starts anything twice: the node's job folder is the judge.
   * @throws `FENCED`, `STORE_*`: this engine cannot go on.
   */
  execute(task: JobTask, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome>;
  /** Has a job that runs stopped after its step, or now, as soon as its node can be told; the job's own end is awaited all the same. */
  cancel(task: { readonly node: string; readonly job: string }, now: boolean, signal: AbortSignal): Promise<void>;
  /** Removes what is left of jobs, by node; from nodes of `emptied` also Halligan's own folders, when no role is left there. Never rejects. */
  clean(byNode: ReadonlyMap<string, readonly string[]>, emptied: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
  /** Told every event of the run, from anybody, in order; left out by who needs none of them. */
  heard?(event: Recorded): void;
}

/** The key of a job's fact in its run's stream. */
export function jobKey(id: NodeRoleId, attempt: number, key: string): string {
  return `${id}:${attempt}:${key}`;
}
