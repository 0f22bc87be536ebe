import type { Problem } from "../errors.ts";
import { type JournalEvent, type NodeRoleState, type Recorded, isRunEvent } from "../journal/events.ts";
import type { ApprovalId, Digest, NodeRoleId, PlanId, RunId } from "../model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../model/plan.ts";
import type { JobOutcome } from "./executor.ts";

/** Where one node-role stands in a run. */
export interface NodeRoleProgress {
  readonly planned: PlannedNodeRole;
  readonly state: NodeRoleState;
  /** 0 = never sent. */
  readonly attempt: number;
  readonly job?: string;
  /** Steps changed. */
  readonly changed: number;
  readonly reason?: string;
  readonly problem?: Problem;
  readonly step?: string;
  /** What a worker said of how the job ended; the engine has not moved the node-role yet. */
  readonly ended?: JobOutcome;
  readonly since: number;
}

/** A run, folded from its events. The maps belong to the fold and are updated in place: a run may hold 20,000 node-roles. */
export interface RunState {
  readonly run: RunId;
  readonly plan: PlanId;
  readonly digest: Digest;
  readonly by: string;
  /** The approval request that the run consumes. */
  readonly request?: ApprovalId;
  readonly breakglass?: { readonly reason: string };
  /** Who answers for it now, when it was handed over. */
  readonly owner?: string;
  /** It may not start before this moment. */
  readonly notBefore?: number;
  readonly phase: "requested" | "running" | "succeeded" | "failed" | "cancelled";
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly paused: boolean;
  /** Why node-roles that could start are held back by a gate. */
  readonly held?: { readonly problems: readonly Problem[]; readonly since: number; readonly until?: number };
  readonly cancel?: "after-step" | "now" | "abandon";
  readonly nodeRoles: Map<NodeRoleId, NodeRoleProgress>;
  /** Which of them moved, in order, since the fold began: who follows a run need not look at all of them after every event. */
  readonly moves: NodeRoleId[];
  readonly outputs: Map<NodeRoleId, Readonly<Record<string, string>>>;
  readonly stepsDone: number;
}

/** The state before anything ran: node-roles without a change count as active at once. */
export function initialState(intent: Recorded<Extract<JournalEvent, { type: "intent.run" }>>, body: PlanBody): RunState {
  const nodeRoles = new Map<NodeRoleId, NodeRoleProgress>();
  for (const planned of body.nodeRoles) {
    const state: NodeRoleState = planned.blocked !== undefined ? "blocked" : planned.action === "skip" ? "active" : "waiting";
    nodeRoles.set(planned.id, {
      planned,
      state,
      attempt: 0,
      changed: 0,
      since: intent.at,
      ...(planned.blocked === undefined ? {} : { problem: planned.blocked }),
    });
  }
  return {
    run: intent.run,
    plan: intent.plan,
    digest: intent.digest,
    by: intent.by,
    ...(intent.request === undefined ? {} : { request: intent.request }),
    ...(intent.breakglass === undefined ? {} : { breakglass: intent.breakglass }),
    ...(intent.notBefore === undefined ? {} : { notBefore: intent.notBefore }),
    phase: "requested",
    requestedAt: intent.at,
    paused: false,
    nodeRoles,
    moves: [],
    outputs: new Map(),
    stepsDone: 0,
  };
}

/** Folds one event into the state and returns the state to go on with. Events of other runs must not be given. */
export function evolve(state: RunState, entry: Recorded): RunState {
  if (!isRunEvent(entry)) return state;
  switch (entry.type) {
    case "run.started":
      return { ...state, phase: "running", startedAt: entry.at };
    case "run.ended": {
      const { held: _held, ...rest } = state;
      return { ...rest, phase: entry.phase, endedAt: entry.at };
    }
    case "intent.cancel":
      return { ...state, cancel: stronger(state.cancel, entry.how) };
    case "intent.pause":
      return { ...state, paused: true };
    case "intent.resume":
      return { ...state, paused: false };
    case "run.held":
      return {
        ...state,
        held: {
          problems: entry.problems as readonly Problem[],
          since: entry.at,
          ...(entry.until === undefined ? {} : { until: entry.until }),
        },
      };
    case "run.released": {
      const { held: _held, ...released } = state;
      return released;
    }
    case "run.handed":
      return { ...state, owner: entry.to };
    case "noderole.moved":
      state.moves.push(entry.id as NodeRoleId);
      return withNodeRole(state, entry.id as NodeRoleId, (before) => ({
        planned: before.planned,
        state: entry.state,
        attempt: entry.attempt,
        changed: entry.changed ?? before.changed,
        since: entry.at,
        ...(entry.job === undefined ? (before.job === undefined ? {} : { job: before.job }) : { job: entry.job }),
        ...(entry.reason === undefined ? {} : { reason: entry.reason }),
        ...(entry.problem === undefined ? {} : { problem: entry.problem as Problem }),
      }));
    case "step.started":
      return withNodeRole(state, entry.id as NodeRoleId, (before) => ({ ...before, step: entry.step }));
    case "job.ended":
      return withNodeRole(state, entry.id as NodeRoleId, (before) =>
        before.state === "transition" && before.job === entry.job ? { ...before, ended: entry.outcome as JobOutcome } : before,
      );
    case "step.finished":
      return { ...state, stepsDone: state.stepsDone + (entry.section === "steps" || entry.section === "undo" ? 1 : 0) };
    case "output.known": {
      state.outputs.set(entry.id as NodeRoleId, { ...state.outputs.get(entry.id as NodeRoleId), [entry.name]: entry.value });
      return state;
    }
    case "intent.run":
    case "run.resumed":
    case "node.contact":
    case "node.seen":
    case "plan.made":
      return state;
    default:
      return entry satisfies never;
  }
}

const strength = { "after-step": 1, now: 2, abandon: 3 } as const;

function stronger(before: RunState["cancel"], asked: NonNullable<RunState["cancel"]>): NonNullable<RunState["cancel"]> {
  return before !== undefined && strength[before] > strength[asked] ? before : asked;
}

function withNodeRole(state: RunState, id: NodeRoleId, change: (before: NodeRoleProgress) => NodeRoleProgress): RunState {
  const before = state.nodeRoles.get(id);
  if (before === undefined) return state;
  state.nodeRoles.set(id, change(before));
  return state;
}

/** True when nothing more will happen to it in this run. */
export function isSettled(state: NodeRoleState): boolean {
  return state === "active" || state === "retired" || state === "error" || state === "unknown" || state === "blocked";
}

/** True for the phases after which nothing follows. */
export function hasEnded(phase: RunState["phase"]): phase is "succeeded" | "failed" | "cancelled" {
  return phase === "succeeded" || phase === "failed" || phase === "cancelled";
}

/** The last that was heard of the node-role is that its reboot step began. */
export function isRebooting(progress: NodeRoleProgress | undefined): boolean {
  return progress?.planned.steps.some((step) => step.kind === "reboot" && step.id === progress.step) ?? false;
}
