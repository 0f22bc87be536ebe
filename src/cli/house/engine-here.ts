import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { HalliganError } from "../../core/errors.ts";
import type { RunId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports.ts";
import { engineLease, runEngine } from "../../core/run/engine.ts";
import { openRuns } from "../../core/run/queue.ts";
import { systemClock } from "./clock.ts";
import { type EngineStart, engineOwner, type Standby, startStandby, troubleWords } from "./engine-process.ts";
import type { EngineHouse } from "./house.ts";

/** How long this process waits for what its engine has under way when it lets go of a run; the lease is given up then, whatever became of it. */
const letGoMs = 1_500;
/** The same when the run has ended: what is left is putting that into the index and the audit. */
const endMs = 15_000;

/**
 * The engine of one run in the process of whoever asked for it and follows it, on the connections over which its plan was made. A detached standby
 * takes over as soon as this process lets go, dies or is stuck: the run depends on it no more than on a front end that started an engine.
 */
export interface EngineHere {
  readonly run: RunId;
  readonly standby: Standby;
  /** Ends the engine: at once where the run has not `ended`, which then goes on in the standby. */
  leave(ended: boolean): Promise<void>;
}

/** What an engine in this process needs. */
export interface EngineHereOptions {
  readonly run: RunId;
  /** How an engine process would be started. */
  readonly start: EngineStart;
  /** Opens a house for the engine, as an engine process does for itself: nothing of the asker's is used but the connections. */
  open(): Promise<EngineHouse>;
}

/** Starts the engine of a run; `undefined` when another engine was quicker. */
export async function startEngineHere({ run, start, open }: EngineHereOptions): Promise<EngineHere | undefined> {
  const { store, cluster, folder } = start;
  const owner = engineOwner();
  const standby = startStandby(start, owner);
  const stop = new AbortController();
  const held = Promise.withResolvers<boolean>();
  const carryOut = async (): Promise<void> => {
    const house = await open();
    try {
      const engine = { store: house.store, clock: systemClock, cluster, owner, lingerMs: 0, gate: house.judge, carryOut: house.carryOut };
      await runEngine({ ...engine, until: run, onLease: () => held.resolve(true) }, stop.signal);
    } finally {
      await house.close();
    }
  };
  const working = carryOut()
    .catch(async (error: unknown) => {
      if (stop.signal.aborted) return;
      standby.begin();
      await noteTrouble(folder, error);
    })
    .finally(() => held.resolve(false));
  if (!(await held.promise)) {
    standby.dismiss();
    return undefined;
  }

  const leave = async (ended: boolean): Promise<void> => {
    if (!ended) stop.abort(new Error("whoever asked for the run has left"));
    const late = new AbortController();
    await Promise.race([working, systemClock.sleep(ended ? endMs : letGoMs, late.signal).catch(() => undefined)]);
    late.abort();
    try {
      await letGo(store, cluster, owner);
      // After the lease: whoever asks for a run from now on sees that nobody holds it.
      if ((await openRuns(store)).length === 0) standby.dismiss();
      else standby.begin();
    } catch {
      standby.begin(); // the store ails; the standby says so where it matters
    }
  };
  let leaving: Promise<void> | undefined;
  return { run, standby, leave: (ended) => (leaving ??= leave(ended)) };
}

/** Gives up the lease that this process may hold still. */
async function letGo(store: Store, cluster: string, owner: string): Promise<void> {
  const holder = await store.holder(engineLease(cluster));
  if (holder?.owner === owner) await store.release(holder);
}

/** What an engine process would say at its end goes to the same place. */
async function noteTrouble(folder: string, error: unknown): Promise<void> {
  const words = error instanceof HalliganError ? troubleWords(error.problems) : `${error instanceof Error ? error.stack : String(error)}\n`;
  await appendFile(join(folder, ".halligan", "engine.log"), words).catch(() => undefined);
}
