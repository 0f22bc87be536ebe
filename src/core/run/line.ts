import { type Judge, runQuestion } from "../authority/gate.ts";
import { HalliganError } from "../errors.ts";
import { runStream, toStored } from "../journal/events.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, EpochMs, Fence, Store } from "../ports.ts";
import { readRun } from "./annealer.ts";
import { endedEvent, isEngineTrouble } from "./ending.ts";
import { type OpenRun, readQueue } from "./queue.ts";
import { indexEnd, readPlan, readRunState } from "./requests.ts";

/** While a run is held before its start and others wait behind it, it is asked so often whether one of them can go. */
const giveWayEveryMs = 5_000;

/** Whose turn it is. */
type Turn =
  | { readonly kind: "nobody" }
  /** The next run may not start before this moment. */
  | { readonly kind: "later"; readonly at: EpochMs }
  /** `giveWay` aborts while the run waits for its start and another one could go. */
  | { readonly kind: "run"; readonly run: OpenRun; readonly plan: Plan; readonly giveWay: AbortSignal };

/** The line of runs before one engine. */
export interface Line {
  turn(): Promise<Turn>;
  /** Takes cancelled runs out of the line, while another run is carried out, until the signal aborts. */
  watch(after: number, signal: AbortSignal): Promise<void>;
}

/** What a line needs. Without a gate nobody is passed by. */
interface LineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly fence: Fence;
  readonly gate: Judge | undefined;
}

/** The reason of `giveWay`. */
export class GivesWay extends Error {
  override readonly name = "GivesWay";
}

/** Makes the line of one engine. One thing at a time: a run is never begun while it is taken out. */
export function createLine({ store, clock, fence, gate }: LineOptions): Line {
  let current: string | undefined;
  let begun = false;
  let way: AbortController | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };

  /** Those that are open, after those that were cancelled before they began have been ended. */
  const sweep = async (): Promise<readonly OpenRun[]> => {
    const left: OpenRun[] = [];
    const queue = await readQueue(store, current);
    // An engine died between ending a run and saying so in the index.
    for (const ended of queue.ended) await indexEnd(store, ended.run, ended, ended.at);
    for (const open of queue.open) {
      if (open.cancelled && open.startedAt === undefined) await takeOut(open);
      else left.push(open);
    }
    return left;
  };

  const takeOut = async ({ run }: OpenRun): Promise<void> => {
    const { state } = await readRunState(store, run);
    const ended = endedEvent(state, "cancelled", clock.now());
    await store.append(runStream(run), [toStored(ended)], { fence, commandId: "ended" });
    await indexEnd(store, run, ended, clock.now());
  };

  const isFree = async (open: OpenRun, plan: Plan): Promise<boolean> => {
    if (gate === undefined) return true;
    try {
      const holdups = await gate(runQuestion("start", plan, open));
      return holdups.length === 0 || holdups.some((each) => each.final);
    } catch (error) {
      if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
      return false;
    }
  };

  /** The first that nothing holds back; when all are held, the first. */
  const choose = async (due: readonly [OpenRun, ...OpenRun[]]): Promise<{ readonly run: OpenRun; readonly plan: Plan }> => {
    const [first, ...others] = due;
    const plan = await readPlan(store, first.plan);
    if (first.startedAt !== undefined || others.length === 0 || (await isFree(first, plan))) return { run: first, plan };
    for (const run of others) {
      const other = await readPlan(store, run.plan);
      if (await isFree(run, other)) return { run, plan: other };
    }
    return { run: first, plan };
  };

  const hasBegun = async (run: string): Promise<boolean> => {
    begun ||= (await readRun(store, run)).some((event) => event.type === "run.started");
    return begun;
  };

  /** Lets another go first while the current run only waits: what has begun is never interrupted. */
  const maybeGiveWay = async (): Promise<void> => {
    const due = (await sweep()).filter((each) => (each.notBefore ?? 0) <= clock.now());
    if (current === undefined || due.length === 0 || (await hasBegun(current))) return;
    for (const run of due) {
      if (await isFree(run, await readPlan(store, run.plan))) return way?.abort(new GivesWay());
    }
  };

  return {
    turn: () =>
      alone(async () => {
        current = undefined;
        const open = await sweep();
        const now = clock.now();
        const [first, ...others] = open.filter((each) => each.startedAt !== undefined || (each.notBefore ?? 0) <= now);
        if (first === undefined) {
          const at = Math.min(...open.map((each) => each.notBefore ?? now));
          return open.length === 0 ? { kind: "nobody" } : { kind: "later", at };
        }
        const chosen = await choose([first, ...others]);
        current = chosen.run.run;
        begun = chosen.run.startedAt !== undefined;
        way = new AbortController();
        return { kind: "run", ...chosen, giveWay: way.signal };
      }),
    async watch(after, signal) {
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const ticking = (async () => {
        while (!both.aborted) {
          await clock.sleep(giveWayEveryMs, both).catch(() => undefined);
          if (!both.aborted) await alone(maybeGiveWay);
        }
      })();
      const following = (async () => {
        for await (const _ of store.subscribe({ after, signal: both, types: ["intent.cancel", "intent.run"] })) await alone(maybeGiveWay);
      })();
      try {
        await Promise.all([ticking, following]);
      } finally {
        stop.abort();
        await Promise.allSettled([ticking, following]);
      }
    },
  };
}
