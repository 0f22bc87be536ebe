import type { Problem } from "../errors.ts";
import type { ApprovalId, NodeRoleId, RunId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../ports.ts";

/** When a gate is asked: a plan was made, a run is asked for, a run is about to start, node-roles are about to start. */
export type GatePhase = "plan" | "request" | "start" | "batch";

/** What a gate is asked about. */
export interface GateQuestion {
  readonly phase: GatePhase;
  readonly plan: Plan;
  /** The person, or the local user in single-user mode. */
  readonly by: string;
  /** Who answers for the run now, when it was handed over. */
  readonly owner?: string;
  readonly run?: RunId;
  /** The approval request that the run consumes. */
  readonly request?: ApprovalId;
  /** Set when somebody takes the run past its gates, with the reason given. */
  readonly breakglass?: { readonly reason: string };
  /** The node-roles that would start now (only `batch`). */
  readonly starting?: readonly NodeRoleId[];
}

/** What a run is judged by: whose it is, and what it was given to pass with. */
type RunStanding = Pick<GateQuestion, "by" | "owner" | "request" | "breakglass"> & { readonly run: RunId };

/** What the gate is asked about a run, at its start or before a batch. */
export function runQuestion(phase: GatePhase, plan: Plan, { run, by, owner, request, breakglass }: RunStanding): GateQuestion {
  return {
    phase,
    plan,
    by,
    run,
    ...(owner === undefined ? {} : { owner }),
    ...(request === undefined ? {} : { request }),
    ...(breakglass === undefined ? {} : { breakglass }),
  };
}

/** One reason why something may not go on now. */
export interface Holdup {
  readonly kind: "rights" | "approval" | "lock" | "freeze" | "policy" | "queue" | "worker";
  readonly problem: Problem;
  /** When it ends by itself, if that is known. */
  readonly until?: EpochMs;
  /** True when waiting cannot help: the run ends instead of being held. */
  readonly final: boolean;
}

/** Judges one kind of reason, from the store, the files and the clock; never from the nodes. Empty = no objection. */
export type Judge = (question: GateQuestion) => Promise<readonly Holdup[]>;

/** Puts judges together: everything that stands in the way, in the order of the judges. */
export function allOf(judges: readonly Judge[]): Judge {
  return async (question) => (await Promise.all(judges.map((judge) => judge(question)))).flat();
}
