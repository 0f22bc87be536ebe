import { HalliganError, fail, hasCode } from "../errors.ts";
import type { Judge } from "../authority/gate.ts";
import type { RunId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, Fence, Lease, Store } from "../ports.ts";
import { endInFailure, endedEvent, isEngineTrouble, isForAnotherEngine } from "./ending.ts";
import { GivesWay, createLine } from "./line.ts";
import { indexEnd } from "./requests.ts";
import { type RunState, hasEnded } from "./state.ts";

/** How long a lease lasts without renewal; a frozen engine, or one on a machine that is gone, is replaced after this: within 10 s, its start included. */
export const leaseTtlMs = 6_000;
/** How often whoever holds a lease of that term renews it: one renewal may come late or fail. */
export const renewEveryMs = 2_000;

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
  /** Where runs wait, those that nothing holds back pass those that wait for a lock, a freeze or an approval. Absent: strictly in order. */
  readonly gate?: Judge;
  /** It leaves when this run has ended, whatever else waits. */
  readonly until?: RunId;
  /** Told when it has the lease. */
  onLease?(): void;
  /** Carries one run to its end. */
  carryOut(run: RunId, plan: Plan, fence: Fence, signal: AbortSignal): Promise<RunState>;
}

/**
 * Holds the lease and carries out requested runs, one after another: first the one that another engine left, then as they were asked for.
 * Returns `false` when another engine holds the lease. @throws `FENCED` when the lease was lost while working.
 */
export async function runEngine(options: EngineOptions, signal: AbortSignal): Promise<boolean> {
  let held = false;
  for (;;) {
    const left = await holdAndWork(options, signal);
    if (left === undefined) return held;
    held = true;
    // Whoever asked while the lease was still held saw an engine and started none: this one must not leave it waiting.
    if (left === "stopped" || options.until !== undefined || !(await askedAfter(options.store, left.seen))) return true;
  }
}

/** Works until there is nothing to do; what was seen of the journal by then. `undefined`: another engine holds the lease. */
async function holdAndWork(options: EngineOptions, signal: AbortSignal): Promise<"stopped" | { readonly seen: number } | undefined> {
  const { store, cluster, owner } = options;
  const lease = await store.acquire(engineLease(cluster), owner, leaseTtlMs);
  if (lease === undefined) return undefined;
  options.onLease?.();
  const stop = new AbortController();
  if (signal.aborted) stop.abort(signal.reason);
  signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true, signal: stop.signal });
  const renewing = keepLease(options, lease, stop);
  try {
    return await work(options, { lease: lease.lease, token: lease.token }, stop.signal);
  } finally {
    stop.abort();
    await renewing;
    await store.release(lease).catch(() => undefined); // an expired or lost lease needs no release
  }
}

async function askedAfter(store: Store, seen: number): Promise<boolean> {
  return (await store.read({ after: seen })).some(({ type }) => type === "intent.run");
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

async function work(options: EngineOptions, fence: Fence, signal: AbortSignal): Promise<"stopped" | { readonly seen: number }> {
  const { store, clock, lingerMs } = options;
  const line = createLine({ store, clock, fence, gate: options.gate });
  let idleSince = clock.now();
  while (!signal.aborted) {
    const seen = await store.head();
    const turn = await line.turn();
    if (turn.kind === "nobody") {
      if (lingerMs !== undefined && clock.now() - idleSince >= lingerMs) return { seen };
      await waitForIntent(options, seen, lingerMs ?? 60_000, signal);
      continue;
    }
    if (turn.kind === "later") {
      // A process that was only to see one run through leaves what is for later to the next engine.
      if (lingerMs === 0) return { seen };
      await waitForIntent(options, seen, Math.min(60_000, Math.max(10, turn.at - clock.now())), signal);
      continue;
    }
    const { run, plan, giveWay } = turn;
    const stop = new AbortController();
    const watching = line.watch(seen, stop.signal).catch(() => undefined); // what ails the store ails the run too
    const end = await options
      .carryOut(run.run, plan, fence, AbortSignal.any([signal, giveWay]))
      .catch(async (error: unknown) => {
        if (error instanceof GivesWay) return undefined;
        if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
        if (await isForAnotherEngine(store, run.run, error)) throw error;
        return await endInFailure(store, clock, run.run, fence, error.problems);
      })
      .finally(() => stop.abort());
    await watching;
    idleSince = clock.now();
    if (end === undefined || !hasEnded(end.phase)) continue;
    const endedAt = end.endedAt ?? clock.now();
    await indexEnd(store, run.run, endedEvent(end, end.phase, endedAt), endedAt);
    if (run.run === options.until) break;
  }
  return "stopped";
}

/** Sleeps until a run is asked for after position `after`, or for `ms`. */
async function waitForIntent({ store, clock }: EngineOptions, after: number, ms: number, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const asked = (async () => {
    for await (const event of store.subscribe({ after, signal: both }))
      if (event.type === "intent.run" || event.type === "intent.cancel") return;
  })();
  await Promise.race([asked, clock.sleep(ms, both).catch(() => undefined)]);
  stop.abort();
  await asked;
}
