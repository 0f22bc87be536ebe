import { fail, hasCode } from "../../errors.ts";
import { type JournalEvent, toStored } from "../../journal/events.ts";
import { type FreezeWindow, occurrenceAt } from "../../model/freeze-window.ts";
import type { EpochMs, Store } from "../../ports.ts";
import { type Freeze, type FreezeState, freezesAhead, freezesStream, readFreezes } from "./freeze-state.ts";
import type { LockDeps } from "./lock-desk.ts";

/** A freeze to be set. */
export interface FreezeWish {
  /** Empty = the whole cluster. */
  readonly deployments: readonly string[];
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly reason: string;
  readonly by: string;
}

/** Sets a freeze. @throws `TIME_INVALID` when it is over already or ends before it begins. */
export async function setFreeze({ store, clock }: LockDeps, wish: FreezeWish): Promise<Freeze> {
  if (wish.until <= wish.from) throw fail("TIME_INVALID", { message: "The freeze would end before it begins." });
  if (wish.until <= clock.now()) throw fail("TIME_INVALID", { message: "The freeze would be over already." });
  const { deployments, from, until, reason, by } = wish;
  return await appendDecided(store, (state) => {
    const freeze = `F-${state.count + 1}` as const;
    const event: JournalEvent = { type: "freeze.set", v: 1, freeze, deployments: [...deployments], from, until, reason, by };
    return { event, freeze: { freeze, ...wish } };
  });
}

/**
 * Lifts a freeze. A window of the cluster file stays there: its present occurrence, or else its next one, is left out.
 * @throws `FREEZE_NOT_FOUND`.
 */
export async function liftFreeze({ store, clock }: LockDeps, windows: readonly FreezeWindow[], id: string, by: string): Promise<Freeze> {
  return await appendDecided(store, (state) => {
    const freeze = freezesAhead(state, windows, clock.now()).find((each) => each.freeze === id);
    if (freeze === undefined) throw fail("FREEZE_NOT_FOUND", { message: `There is no freeze ${id} now or ahead.` });
    const ofFile = windows.find((window) => window.name === id) !== undefined && freeze.by === undefined;
    return { event: { type: "freeze.lifted", v: 1, freeze: id, by, ...(ofFile ? { until: freeze.until } : {}) }, freeze };
  });
}

/** Until when a window is lifted, if it is; for those who list. */
export function liftedUntil(state: FreezeState, window: FreezeWindow, now: EpochMs): EpochMs | undefined {
  const until = state.lifted.get(window.name);
  const occurrence = occurrenceAt(window, now);
  return until !== undefined && occurrence !== undefined && now < until && occurrence.from < until ? until : undefined;
}

async function appendDecided(
  store: Store,
  decide: (state: FreezeState) => { readonly event: JournalEvent; readonly freeze: Freeze },
): Promise<Freeze> {
  for (;;) {
    const state = await readFreezes(store);
    const { event, freeze } = decide(state);
    try {
      await store.append(freezesStream, [toStored(event)], { expected: state.version });
      return freeze;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}
