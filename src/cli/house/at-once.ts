import { hostname } from "node:os";
import type { EngineInfo } from "../../core/house.ts";
import type { Store } from "../../core/ports.ts";
import { standingDigests } from "../../core/run/applied.ts";
import { endUntouched, isUntouched } from "../../core/run/ending.ts";
import { type EngineOptions, runEngine } from "../../core/run/engine.ts";
import { systemClock } from "./clock.ts";
import { engineOwner, findEngine } from "./engine-process.ts";

/** A run with nothing to do needs no process of its own: unless an engine is there, it is carried out here. */
export async function endAtOnce(options: {
  readonly store: Store;
  readonly cluster: string;
  readonly carryOut: EngineOptions["carryOut"];
  readonly ensureEngine: () => Promise<EngineInfo>;
}): Promise<EngineInfo> {
  const { store, cluster } = options;
  const found = await findEngine(store, cluster);
  if (found !== undefined) return found;
  const owner = engineOwner();
  const carryOut: EngineOptions["carryOut"] = async (run, plan, fence, signal) =>
    isUntouched(plan, await standingDigests(store))
      ? await endUntouched(store, systemClock, run, fence, owner)
      : await options.carryOut(run, plan, fence, signal);
  const done = await runEngine({ store, clock: systemClock, cluster, owner, lingerMs: 0, carryOut }, new AbortController().signal);
  return done ? { host: hostname(), pid: process.pid, started: false } : await options.ensureEngine();
}
