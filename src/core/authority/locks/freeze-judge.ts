import { problem } from "../../errors.ts";
import type { FreezeWindow } from "../../model/freeze-window.ts";
import type { EpochMs } from "../../ports.ts";
import type { Holdup, Judge } from "../gate.ts";
import { type Freeze, freezesInForce, readFreezes } from "./freeze-state.ts";
import { freezeWords } from "./freeze-words.ts";
import type { LockDeps } from "./lock-desk.ts";
import { deploymentsOf } from "./lock-judge.ts";

/** What judging by freezes needs: also the windows of the cluster file as it is now. */
export interface FreezeDeps extends LockDeps {
  windows(): Promise<readonly FreezeWindow[]>;
}

/**
 * Judges by freezes, when a plan is made, when its run starts and before node-roles start, never when a run is asked for: who asks during a
 * freeze gets a run that waits until it is over. What runs when a freeze begins comes to its end; nothing more is started.
 */
export function createFreezeJudge(deps: FreezeDeps): Judge {
  return async ({ phase, plan }) => (phase === "request" ? [] : await freezeHoldups(deps, deploymentsOf(plan), deps.clock.now()));
}

/** Freezes that would hold work on these deployments at a moment, which may be one that is still to come. */
async function freezeHoldups({ store, windows }: FreezeDeps, deployments: readonly string[], at: EpochMs): Promise<readonly Holdup[]> {
  return freezesInForce(await readFreezes(store), await windows(), deployments, at).map(holdupOf);
}

function holdupOf(freeze: Freeze): Holdup {
  const lift = `Wait: the run starts by itself when the freeze is over. An admin can lift it with \`halligan unfreeze ${freeze.freeze}\`.`;
  const frozen = problem("FREEZE_ACTIVE", { message: `${freezeWords(freeze)}.`, hint: lift });
  return { kind: "freeze", problem: frozen, until: freeze.until, final: false };
}
