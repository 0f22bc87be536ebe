import { problem } from "../../errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { Judge } from "../gate.ts";
import { type LockDeps, readLocks } from "./lock-desk.ts";
import { locksAgainst } from "./lock-state.ts";
import { lockWords, lockedHint } from "./lock-words.ts";

/** Deployments that a plan works on: those it was made for, and those from which it only takes away. */
export function deploymentsOf({ body }: Plan): readonly string[] {
  return [...new Set([...body.deployments, ...body.nodeRoles.map((each) => each.deployment)])];
}

/**
 * Judges by locks, when a plan is made, when its run starts and before node-roles start: locks of others hold the run, those of whoever asked
 * for it or answers for it now do not. A run may be asked for while others hold a lock: it waits. A store that cannot be read lets nothing through.
 */
export function createLockJudge({ store, clock }: LockDeps): Judge {
  return async ({ phase, plan, by, owner }) => {
    if (phase === "request") return [];
    const state = await readLocks(store);
    const people = new Set(owner === undefined ? [by] : [by, owner]);
    return locksAgainst(state, deploymentsOf(plan), people, clock.now()).map((lock) => ({
      kind: "lock",
      problem: problem("LOCK_HELD", { message: `${lockWords(lock)}.`, hint: `A run that waits goes on by itself. ${lockedHint([lock])}` }),
      ...(lock.until === undefined ? {} : { until: lock.until }),
      final: false,
    }));
  };
}
