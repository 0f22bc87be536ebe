import type { Waits } from "../../core/commands/authority/queue.ts";
import type { Problem } from "../../core/errors.ts";
import type { JournalEvent, Recorded } from "../../core/journal/events.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import type { Plan } from "../../core/model/plan.ts";
import { type Note, failureOf, notesAbout, readNotes } from "../../core/notes/notes.ts";
import type { EpochMs, Store } from "../../core/ports.ts";
import { readRun } from "../../core/run/annealer.ts";
import { estimateLeftMs } from "../../core/run/estimate.ts";
import { type Pace, foldPace, progressOf } from "../../core/run/pace.ts";
import { readPlan } from "../../core/run/requests.ts";
import { type RunState, evolve, initialState } from "../../core/run/state.ts";
import type { Failure, RunView } from "../messages/run-view.ts";
import { type BatchDone, batchTracker } from "./batches.ts";

type Ended = Recorded<Extract<JournalEvent, { type: "run.ended" }>>;

/** A failure with the attempt that it belongs to. */
export interface KeptFailure extends Failure {
  readonly attempt: number;
}

/** One run as its events tell it; updated in place. */
export interface RunStory {
  readonly run: string;
  readonly plan: Plan;
  /** Position of the last event that was taken in. */
  readonly seq: number;
  readonly state: RunState;
  readonly ended: Ended | undefined;
  /** In the order in which they happened; one that went well in a later attempt is none. */
  readonly failures: readonly KeptFailure[];
  /** Batches that have ended, in order. */
  readonly batches: readonly BatchDone[];
  /** What it waits for, as last judged. */
  waits: readonly Waits[];
  /** A run that has worked on the same since, as last looked at. */
  newer: string | undefined;
  /** Takes an event in, if it is one of this run that is new. */
  take(event: Recorded): boolean;
  view(style: RunView["style"], can: RunView["can"], now: EpochMs): RunView;
}

/** Reads a run's events; `undefined` when nobody has asked for it. */
export async function readStory(store: Store, run: string): Promise<RunStory | undefined> {
  const [intent, ...rest] = await readRun(store, run);
  if (intent?.type !== "intent.run") return undefined;
  const plan = await readPlan(store, intent.plan);
  const story = tell(intent, plan, await readNotes(store));
  for (const event of rest) story.take(event);
  return story;
}

function tell(intent: Recorded<Extract<JournalEvent, { type: "intent.run" }>>, plan: Plan, notes: readonly Note[]): RunStory {
  let state = initialState(intent, plan.body);
  let seq = intent.seq;
  let ended: Ended | undefined;
  const pace: Pace = new Map();
  const lost = new Map<string, string>();
  const failures = new Map<string, KeptFailure>();
  const tails = new Map<string, { readonly step: string; readonly tail?: string }>();
  const batches: BatchDone[] = [];
  const track = batchTracker(plan.body);
  return {
    run: intent.run,
    plan,
    get seq() {
      return seq;
    },
    get state() {
      return state;
    },
    get ended() {
      return ended;
    },
    get failures() {
      return [...failures.values()];
    },
    batches,
    waits: [],
    newer: undefined,
    take(event) {
      if (event.seq <= seq || event.stream !== intent.stream) return false;
      seq = event.seq;
      foldPace(pace, event);
      state = evolve(state, event);
      const done = track(event);
      if (done !== undefined) batches.push(done);
      if (event.type === "run.ended") ended = event;
      if (event.type === "node.contact") {
        if (event.contact === "lost") lost.set(event.node, event.reason);
        else lost.delete(event.node);
      }
      if (event.type === "step.finished" && (event.status === "failed" || event.status === "timeout"))
        tails.set(event.id, { step: event.step, ...(event.tail === undefined ? {} : { tail: event.tail }) });
      if (event.type === "noderole.moved") keepFailure(failures, tails, notes, event);
      return true;
    },
    view(style, can, now) {
      return {
        style,
        state,
        digest: plan.digest,
        deployments: plan.body.deployments,
        progress: progressOf(state, pace),
        leftMs: estimateLeftMs(state, pace, now),
        lost,
        failures: [...failures.values()],
        waits: this.waits,
        ...(this.newer === undefined ? {} : { newer: this.newer }),
        ended,
        // What was taken away comes back with a plan of what the files say.
        can: { ...can, rollback: can.rollback && plan.body.purpose?.kind !== "reset" },
        now,
      };
    },
  };
}

function keepFailure(
  failures: Map<string, KeptFailure>,
  tails: Map<string, { readonly step: string; readonly tail?: string }>,
  notes: readonly Note[],
  event: Extract<JournalEvent, { type: "noderole.moved" }>,
): void {
  const { id, state, attempt, problem } = event;
  if (state === "transition") tails.delete(id);
  if (state !== "error" && state !== "unknown") {
    if (state !== "blocked") failures.delete(id);
    return;
  }
  if (problem === undefined) return;
  const [node = "", role = ""] = (id as NodeRoleId).split("/");
  const failure = failureOf({ code: problem.code, at: { role, ...(problem.at as object | undefined) } });
  const [note] = notesAbout(notes, { node, role, failure });
  const last = tails.get(id);
  failures.set(id, {
    id,
    attempt,
    problem: problem as Problem,
    ...(last === undefined ? {} : { step: last.step }),
    ...(last?.tail === undefined ? {} : { tail: last.tail }),
    ...(note === undefined ? {} : { note }),
  });
}
