import { fromStored, isSameEvent, runStream } from "../../journal/events.ts";
import type { Plan } from "../../model/plan.ts";
import type { Store, StoredEvent } from "../../ports.ts";
import type { JobSite } from "../execute-job.ts";
import { readPlan } from "../requests.ts";
import { evolve, hasEnded, initialState, type RunState } from "../state.ts";

/** One run as a worker sees it: its journal, folded, and what its jobs are made with. */
export interface RunView {
  readonly plan: Plan;
  readonly site: JobSite;
  /** As of the last `refresh`. */
  state(): RunState;
  /** Reads what is new. Several calls at once read once after another. */
  refresh(): Promise<RunState>;
}

/** The runs of which a worker has jobs; each is read whole once, and then only what is new. */
export interface RunViews {
  /** `undefined`: there is no such run. @throws whatever keeps this worker from making scripts: files, secrets. */
  of(run: string): Promise<RunView | undefined>;
}

/** Makes the memory of one worker. `prepare` gives a plan's scripts and the way to its nodes. */
export function createRunViews(store: Store, prepare: (plan: Plan) => Promise<JobSite>): RunViews {
  const views = new Map<string, Promise<RunView | undefined>>();
  const ready = new Map<string, RunView>();

  return {
    async of(run) {
      let view = views.get(run);
      if (view === undefined) {
        for (const [other, { state }] of ready) if (hasEnded(state().phase)) forget(other);
        view = openView(store, run, prepare);
        views.set(run, view);
      }
      try {
        const found = await view;
        if (found === undefined) views.delete(run);
        else ready.set(run, found);
        return found;
      } catch (error) {
        views.delete(run); // secrets may be sealed for this worker later
        throw error;
      }
    },
  };

  function forget(run: string): void {
    views.delete(run);
    ready.delete(run);
  }
}

async function openView(store: Store, run: string, prepare: (plan: Plan) => Promise<JobSite>): Promise<RunView | undefined> {
  let state: RunState | undefined;
  let last: StoredEvent | undefined;
  let plan: Plan | undefined;
  const read = async (): Promise<void> => {
    for (;;) {
      // From the last one on, to see that it is still there.
      const page = await store.read({ stream: runStream(run), after: (last?.version ?? 1) - 1, limit: 1000 });
      const [first] = page;
      if (last !== undefined && !(first !== undefined && isSameEvent(first, last))) {
        [state, last] = [undefined, undefined];
        continue;
      }
      for (const stored of page.slice(last === undefined ? 0 : 1)) {
        const event = fromStored(stored);
        if (event?.type === "intent.run" && state === undefined) {
          plan = await readPlan(store, event.plan);
          state = initialState(event, plan.body);
        }
        if (event !== undefined && state !== undefined) state = evolve(state, event);
        last = stored;
      }
      if (page.length < 1000) return;
    }
  };
  await read();
  if (plan === undefined || state === undefined) return undefined;
  const site = await prepare(plan);
  const present = state;
  let reading: Promise<void> = Promise.resolve();
  return {
    plan,
    site,
    state: () => state ?? present,
    async refresh() {
      reading = reading.then(read, read);
      await reading;
      return state ?? present;
    },
  };
}
