import { fail } from "../../core/errors.ts";
import type { EngineInfo } from "../../core/house.ts";
import { type Recorded, fromStored, runStream } from "../../core/journal/events.ts";
import type { Clock, Store } from "../../core/ports.ts";
import { readRun } from "../../core/run/annealer.ts";
import { readPlan } from "../../core/run/requests.ts";
import { refusePrunedRun } from "../../core/run/pruned.ts";
import { type RunState, evolve, initialState } from "../../core/run/state.ts";

/** How often a follower looks whether an engine is still there. */
const engineCheckMs = 2_000;
/** So many engines in a row that get nothing done and say why are reason to give up following. */
const enginesInVain = 4;
/** The same for engines that were killed: whoever kills them may stop doing so. */
const enginesKilled = 20;

/** What following needs. */
export interface FollowOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly run: string;
  readonly signal: AbortSignal;
  /** Starts an engine when none is there. */
  ensureEngine(): Promise<EngineInfo>;
  /** What the last engine said when it ended in trouble. */
  lastWords(): Promise<string | undefined>;
}

/** A run's events from its first on, live, until it ends; an engine that dies meanwhile is replaced by a new one. */
export async function* followRun(options: FollowOptions): AsyncGenerator<{ readonly event: Recorded; readonly state: RunState }> {
  const { store, run, signal } = options;
  const head = await store.head();
  const history = await readRun(store, run);
  const [intent] = history;
  if (intent?.type !== "intent.run") throw fail("RUN_NOT_FOUND", { message: `There is no run ${run}.` });
  refusePrunedRun(run, history);
  const plan = await readPlan(store, intent.plan);
  let state = initialState(intent, plan.body);
  let last = 0;
  for (const event of history) {
    state = evolve(state, event);
    last = event.seq;
    yield { event, state };
    if (event.type === "run.ended") return;
  }
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let trouble: Error | undefined;
  const pulse = { progressed: true };
  const watching = watchEngine(options, pulse, both).catch((error: unknown) => {
    trouble = error instanceof Error ? error : new Error(String(error));
    stop.abort();
  });
  try {
    for await (const stored of store.subscribe({ after: Math.min(head, last), signal: both })) {
      if (stored.stream !== runStream(run) || stored.position <= last) continue;
      const event = fromStored(stored);
      if (event === undefined) continue;
      state = evolve(state, event);
      pulse.progressed ||= event.type === "noderole.moved" || event.type === "step.finished";
      yield { event, state };
      if (event.type === "run.ended") return;
    }
  } finally {
    stop.abort();
    await watching;
  }
  if (trouble !== undefined) throw trouble;
}

/** Sees to it that an engine is there while the run is open. Engines that end one after another without getting anything done are not replaced for ever. */
async function watchEngine(options: FollowOptions, pulse: { progressed: boolean }, signal: AbortSignal): Promise<void> {
  let replaced = 0;
  const before = await options.lastWords();
  while (!signal.aborted) {
    await options.clock.sleep(engineCheckMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const { started } = await options.ensureEngine();
    if (pulse.progressed) replaced = 0;
    pulse.progressed = false;
    if (!started) continue;
    replaced += 1;
    if (replaced < enginesInVain) continue;
    const words = await options.lastWords();
    if (words === before && replaced < enginesKilled) continue;
    throw fail("ENGINE_GONE", {
      message: `${replaced} engines ended one after another without getting on with ${options.run}.`,
      cause: words,
    });
  }
}
