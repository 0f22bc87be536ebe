import { hasCode } from "../../core/errors.ts";
import { type EngineOptions, runEngine } from "../../core/run/engine.ts";

/** How often a standby asks again for a store that somebody else keeps to himself; the embedded store waits half a minute each time. */
export const lockedTries = 20;
/** Pause before it asks again, ms. */
const askAgainMs = 200;

/**
 * Runs the engine; false when another one has the lease. A starter that was frozen in the middle of a write keeps the store to itself, and may wake or be ended
 * at any time: a standby asks again, for some minutes. @throws what `runEngine` does.
 */
export async function takeOver(engine: EngineOptions, signal: AbortSignal): Promise<boolean> {
  let held = false;
  for (let more = lockedTries; ; more--) {
    try {
      return await runEngine({ ...engine, onLease: () => (held = true) }, signal);
    } catch (error) {
      if (held || more === 0 || !hasCode(error, "STORE_UNAVAILABLE")) throw error;
      await engine.clock.sleep(askAgainMs, signal);
    }
  }
}
