import { HalliganError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { codes } from "../../core/problems/codes.ts";
import { engineLease, runEngine } from "../../core/run/engine.ts";
import { openRuns } from "../../core/run/queue.ts";
import { systemClock } from "./clock.ts";
import { engineOwner, findEngine, troubleWords } from "./engine-process.ts";
import { type HouseOptions, openHouse } from "./house.ts";
import type { Turn } from "./standby.ts";
import { takeOver } from "./take-over.ts";

/** How long an engine that was started for one run stays when there is nothing to do; its connections stay open that long. */
const lingerMs = 15_000;
/** How often a standby looks whether its starter still holds the lease, ms. */
const lookEveryMs = 200;

/** What an engine process begins with. `starter`: who carries out a run until this process takes over, by the name in its lease. */
export interface EngineTurn extends Turn {
  readonly starter: string | undefined;
}

/** The engine process: takes the lease, carries out what is asked for, leaves when there is nothing to do. */
export async function engineMain(options: Omit<HouseOptions, "ask" | "answers">, turn: EngineTurn): Promise<void> {
  const { answers, starter, dismissed } = turn;
  const house = await openHouse({ ...options, ask: async () => undefined, answers });
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
  process.on("SIGINT", () => undefined); // a Ctrl+C in the starter's terminal is not meant for the engine
  process.on("SIGHUP", () => undefined);
  try {
    const { cluster } = await house.load();
    const owner = engineOwner();
    const { store, judge: gate, carryOut } = house;
    const engine = { store, clock: systemClock, cluster: cluster.name, owner, lingerMs, gate, carryOut };
    if (starter === undefined) await runEngine(engine, stop.signal);
    else {
      const until = AbortSignal.any([stop.signal, dismissed]);
      // It may take the lease again just then: a process that was frozen goes on where it was.
      while (await hasLetGo(store, cluster.name, starter, until)) if (await takeOver(engine, stop.signal)) break;
    }
  } catch (error) {
    // Told to end: the next engine goes on, and there is nothing to say about it.
    if (stop.signal.aborted && error === stop.signal.reason) return;
    if (!(error instanceof HalliganError)) throw error;
    process.stderr.write(troubleWords(error.problems));
    process.exitCode = codes[error.problems[0].code].exit;
  } finally {
    await house.close();
  }
}

/** Waits until the starter holds the lease no longer. False: another engine has it, nothing is left to do, or nobody needs this one any more. */
async function hasLetGo(store: Store, cluster: string, starter: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    await findEngine(store, cluster); // a dead one loses its lease at once
    const holder = await store.holder(engineLease(cluster));
    if (holder?.owner !== starter) return holder === undefined && (await openRuns(store)).length > 0;
    await systemClock.sleep(lookEveryMs, signal).catch(() => undefined);
  }
  return false;
}
