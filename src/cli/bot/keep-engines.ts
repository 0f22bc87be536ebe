import { HalliganError, hasCode } from "../../core/errors.ts";
import type { House } from "../../core/house.ts";
import { leaseTtlMs } from "../../core/run/engine.ts";
import { openRuns } from "../../core/run/queue.ts";

/** How often it is looked whether a run has nobody, ms. A dead engine on this machine is noticed then, one elsewhere as soon as its lease has ended. */
const lookEveryMs = 2_000;
/** Added to the end of a lease before the next look, ms. */
const graceMs = 50;
/** After an engine could not be started, ms. */
const pauseMs = 15_000;

/**
 * While runs of a cluster are open, sees to it that an engine process carries them out: one that was killed is replaced, whoever started it. Behind
 * one on another machine a process waits that has everything loaded: on a busy machine that takes as long as noticing that the other one is gone.
 * Runs that wait for a time of their own have an engine that waits with them.
 */
export async function keepEngine(name: string, house: House, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { clock } = house;
  let told = "";
  while (!signal.aborted) {
    let pause = lookEveryMs;
    try {
      if ((await openRuns(house.store)).length > 0) {
        const found = await house.findEngine(name);
        const engine = found ?? (await house.ensureEngine());
        if (engine.elsewhere !== undefined) await house.standBehind(engine.elsewhere);
        if (engine.started) log(`${name}: an engine carries out its runs (process ${engine.pid})`);
        if (engine.heardAt !== undefined) pause = untilLapse(engine.heardAt + leaseTtlMs - clock.now());
      }
      told = "";
    } catch (error) {
      const line = error instanceof HalliganError ? `${error.code} ${error.problems[0].message}` : String(error);
      if (line !== told) log(`${name}: no engine: ${line}`);
      told = line;
      // A store that is back is noticed at once; its own deadline has passed before it says that it is away.
      pause = hasCode(error, "STORE_UNAVAILABLE") ? lookEveryMs : pauseMs;
    }
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** How long to wait for the next look: no longer than until the lease ends unless it is renewed. What has ended already has another clock behind it. */
function untilLapse(leftMs: number): number {
  return leftMs <= 0 ? lookEveryMs : Math.min(lookEveryMs, leftMs + graceMs);
}
