import { type Problem, fail } from "../../core/errors.ts";
import type { Recorded } from "../../core/journal/events.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Store } from "../../core/ports.ts";
import { readRun } from "../../core/run/annealer.ts";
import { type Pace, foldPace } from "../../core/run/pace.ts";
import { readPlan } from "../../core/run/requests.ts";
import { refusePrunedRun } from "../../core/run/pruned.ts";
import { type RunState, evolve, initialState } from "../../core/run/state.ts";
import { RunTally } from "./run-tally.ts";

/** A step of a job that has come to its end. */
export type StepSeen = Pick<
  Extract<Recorded, { type: "step.finished" }>,
  "step" | "section" | "status" | "exitCode" | "durationMs" | "message" | "at"
>;

/** A run as its journal tells it, up to event `seq`. The maps are updated in place; the wrapper is new after each event. */
export interface RunView {
  readonly state: RunState;
  readonly plan: Plan;
  readonly seq: number;
  readonly pace: Pace;
  readonly tally: RunTally;
  /** Which node-roles have moved or gone on, in that order: whoever keeps up with the run reads on from where they were. */
  readonly moved: NodeRoleId[];
  /** Steps of the present attempt that have ended, in order. */
  readonly steps: Map<NodeRoleId, readonly StepSeen[]>;
  /** Nodes without contact, with the reason. */
  readonly lost: Map<string, string>;
  /** `host:pid` of the engine that carries it out; empty until one does. */
  readonly engine: string;
  /** Why it ended, beside what happened to node-roles: it may not have started at all. */
  readonly ended: readonly Problem[];
}

/** All events of a run with its plan: what it can be played again from. */
export interface RunJournal {
  readonly plan: Plan;
  readonly events: readonly [Recorded<Extract<Recorded, { type: "intent.run" }>>, ...Recorded[]];
}

/** Reads a run's events. @throws `RUN_NOT_FOUND`. */
export async function readRunJournal(store: Store, run: string): Promise<RunJournal> {
  const [intent, ...rest] = await readRun(store, run);
  if (intent?.type !== "intent.run") throw fail("RUN_NOT_FOUND", { message: `There is no run ${run}.` });
  refusePrunedRun(run, [intent, ...rest]);
  return { plan: await readPlan(store, intent.plan), events: [intent, ...rest] };
}

/** The run when it had been asked for and nothing else. */
export function firstView({ plan, events: [intent] }: RunJournal): RunView {
  const state = initialState(intent, plan.body);
  const tally = new RunTally(state);
  return { state, plan, seq: intent.seq, pace: new Map(), tally, moved: [], steps: new Map(), lost: new Map(), engine: "", ended: [] };
}

/** The run after one more of its events. */
export function nextView(view: RunView, event: Recorded): RunView {
  const { steps, lost } = view;
  const state = nextState(view, event);
  if (event.type === "noderole.moved" && event.state === "transition") steps.delete(event.id);
  if (event.type === "step.finished") steps.set(event.id, [...(steps.get(event.id) ?? []), event]);
  if (event.type === "node.contact") {
    if (event.contact === "lost") lost.set(event.node, event.reason);
    else lost.delete(event.node);
  }
  const engine = event.type === "run.started" || event.type === "run.resumed" ? event.engine : view.engine;
  const ended = event.type === "run.ended" ? ofRun(view.state, event.problems as readonly Problem[]) : view.ended;
  return { ...view, state, seq: event.seq, engine, ended };
}

function nextState({ state, pace, tally, moved }: RunView, event: Recorded): RunState {
  const change = (): RunState => {
    foldPace(pace, event);
    return evolve(state, event);
  };
  if (event.type !== "noderole.moved" && event.type !== "step.started" && event.type !== "step.finished") return change();
  const id = event.id as NodeRoleId;
  moved.push(id);
  return tally.around(state, pace, id, change);
}

/** The run after all of its events. */
export function lastView(journal: RunJournal): RunView {
  let view = firstView(journal);
  for (const event of journal.events.slice(1)) view = nextView(view, event);
  return view;
}

/** Problems that are of no node-role. */
function ofRun({ nodeRoles }: RunState, problems: readonly Problem[]): readonly Problem[] {
  const told = new Set([...nodeRoles.values()].map(({ problem }) => problem?.message));
  return problems.filter(({ message }) => !told.has(message));
}
