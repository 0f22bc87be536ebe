import { HalliganError, fail, hasCode } from "../errors.ts";
import type { PlanId, RunId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, Fence, Lease, Store } from "../ports.ts";
import { readRun } from "./annealer.ts";
import { endInFailure, endedEvent, isEngineTrouble } from "./ending.ts";
import { indexEnd, listRuns, readPlan } from "./requests.ts";
import { type RunState, hasEnded } from "./state.ts";

/** How long a lease lasts without renewal; a frozen engine is replaced after this. */
const leaseTtlMs = 10_000;
const renewEveryMs = 3_000;

/** The lease of the engine that carries out runs of a cluster. */
export function engineLease(cluster: string): string {
  return `engine:${cluster}`;
}

/** What the engine loop needs. */
export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly cluster: string;
  /** Unique per process: `host:pid:start`. */
  readonly owner: string;
  /** How long to stay without work, in ms; `undefined` = until the signal. */
  readonly lingerMs: number | undefined;
  /** Carries one run to its end. */
  carryOut(run: RunId, plan: Plan, fence: Fence, signal: AbortSignal): Promise<RunState>;
}

/**
 * Holds the lease and carries out requested runs, one after another, those that another engine left first.
 * Returns `false` when another engine holds the lease. @throws `FENCED` when the lease was lost while working.
 */
export async function runEngine(options: EngineOptions, signal: AbortSignal): Promise<boolean> {
  const { store, cluster, owner } = options;
  const lease = await store.acquire(engineLease(cluster), owner, leaseTtlMs);
  if (lease === undefined) return false;
  const stop = new AbortController();
  if (signal.aborted) stop.abort(signal.reason);
  signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  const renewing = keepLease(options, lease, stop);
  try {
    await work(options, { lease: lease.lease, token: lease.token }, stop.signal);
  } finally {
    stop.abort();
    await renewing;
    await store.release(lease).catch(() => undefined); // an expired or lost lease needs no release
  }
  return true;
}

async function keepLease({ store, clock, owner }: EngineOptions, lease: Lease, stop: AbortController): Promise<void> {
  while (!stop.signal.aborted) {
    try {
      await clock.sleep(renewEveryMs, stop.signal);
      const renewed = await store.acquire(lease.lease, owner, leaseTtlMs);
      if (renewed?.token !== lease.token)
        stop.abort(fail("FENCED", { message: "This engine lost its lease; another one has taken over." }));
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!hasCode(error, "STORE_UNAVAILABLE", "STORE_FULL")) stop.abort(error);
    }
  }
}

async function work(options: EngineOptions, fence: Fence, signal: AbortSignal): Promise<void> {
  const { store, clock, lingerMs } = options;
  let idleSince = clock.now();
  while (!signal.aborted) {
    const seen = await store.head();
    const open = await openRuns(store);
    const [next] = open;
    if (next === undefined) {
      if (lingerMs !== undefined && clock.now() - idleSince >= lingerMs) return;
      await waitForIntent(options, seen, lingerMs ?? 60_000, signal);
      continue;
    }
    const plan = await readPlan(store, next.plan);
    const end = await options.carryOut(next.run, plan, fence, signal).catch((error: unknown) => {
      if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
      return endInFailure(store, clock, next.run, fence, error.problems);
    });
    if (hasEnded(end.phase))
      await indexEnd(store, next.run, endedEvent(end, end.phase, end.endedAt ?? clock.now()), end.endedAt ?? clock.now());
    idleSince = clock.now();
  }
}

/** Runs that were asked for and have not ended, oldest first; mends the index where an engine died between ending a run and saying so there. */
async function openRuns(store: Store): Promise<{ readonly run: RunId; readonly plan: PlanId }[]> {
  const open: { run: RunId; plan: PlanId }[] = [];
  for (const entry of await listRuns(store)) {
    if (entry.phase !== "requested") continue;
    const events = await readRun(store, entry.run);
    const ended = events.find((event) => event.type === "run.ended");
    if (ended?.type === "run.ended") await indexEnd(store, entry.run, ended, ended.at);
    else if (events[0]?.type === "intent.run") open.push({ run: entry.run, plan: events[0].plan });
  }
  return open;
}

/** Sleeps until a run is asked for after position `after`, or for `ms`. */
async function waitForIntent({ store, clock }: EngineOptions, after: number, ms: number, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const asked = (async () => {
    for await (const event of store.subscribe({ after, signal: both })) if (event.type === "intent.run") return;
  })();
  await Promise.race([asked, clock.sleep(ms, both).catch(() => undefined)]);
  stop.abort();
  await asked;
}
