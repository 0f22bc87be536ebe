import type { JournalEvent, Recorded } from "../../journal/events.ts";
import type { EpochMs } from "../../ports.ts";

/** Stream of all locks of a cluster. */
export const locksStream = "locks";

/** One lock. It holds until it is released or its time is over. */
export interface Lock {
  readonly lock: `L-${number}`;
  /** Absent = the whole cluster. */
  readonly deployment?: string;
  readonly holder: string;
  readonly reason: string;
  readonly since: EpochMs;
  readonly until?: EpochMs;
  readonly token: number;
}

/** All locks, folded from their stream. Locks whose time is over stay in it until they are replaced: whoever asks says what time it is. */
export interface LockState {
  /** By deployment; `undefined` is the whole cluster. */
  readonly locks: ReadonlyMap<string | undefined, Lock>;
  readonly token: number;
  /** Version of the stream. */
  readonly version: number;
}

/** Nothing was ever locked. */
export const noLocks: LockState = { locks: new Map(), token: 0, version: 0 };

/**
 * Folds one event. A lock that somebody else holds at that moment is not replaced, and a release that names an older token frees nothing:
 * whatever writers did, no two people hold overlapping locks. Events about other things only move the version.
 */
export function foldLocks(state: LockState, event: Recorded): LockState {
  const version = event.version;
  if (event.type === "lock.taken") {
    const token = Math.max(state.token, event.token);
    const { at } = event;
    const refused = event.token <= state.token || inTheWay(state, event.deployment, event.holder, at).length > 0;
    if (refused) return { ...state, token, version };
    const { lock, deployment, holder, reason, until } = event;
    const taken: Lock = {
      lock: lock as Lock["lock"],
      ...(deployment === undefined ? {} : { deployment }),
      holder,
      reason,
      since: at,
      ...(until === undefined ? {} : { until }),
      token: event.token,
    };
    return { locks: new Map(state.locks).set(deployment, taken), token, version };
  }
  if (event.type === "lock.released") {
    if (state.locks.get(event.deployment)?.token !== event.token) return { ...state, version };
    const locks = new Map(state.locks);
    locks.delete(event.deployment);
    return { ...state, locks, version };
  }
  return { ...state, version };
}

/** True while a lock holds: its end is the first moment at which it does not. */
function holds(lock: Lock, now: EpochMs): boolean {
  return lock.until === undefined || now < lock.until;
}

/** Locks that hold, the cluster's first, then by deployment. */
export function locksHeld(state: LockState, now: EpochMs): readonly Lock[] {
  return [...state.locks.values()]
    .filter((lock) => holds(lock, now))
    .toSorted((a, b) => {
      const [left, right] = [a.deployment ?? "", b.deployment ?? ""];
      return left < right ? -1 : left > right ? 1 : 0;
    });
}

/** Locks of others that overlap with a deployment, or with the whole cluster. */
function inTheWay(state: LockState, deployment: string | undefined, person: string, now: EpochMs): readonly Lock[] {
  return locksHeld(state, now).filter(
    (lock) => lock.holder !== person && (deployment === undefined || lock.deployment === undefined || lock.deployment === deployment),
  );
}

/** Locks of others that stand in the way of work on these deployments. */
export function locksAgainst(state: LockState, deployments: readonly string[], people: ReadonlySet<string>, now: EpochMs): readonly Lock[] {
  return locksHeld(state, now).filter(
    (lock) => !people.has(lock.holder) && (lock.deployment === undefined || deployments.includes(lock.deployment)),
  );
}

/** What a person wants to lock; no deployment = the whole cluster. */
export interface LockWish {
  readonly deployments: readonly string[];
  readonly holder: string;
  readonly reason: string;
  readonly until?: EpochMs;
}

/** The events that take the locks of a wish, or whose locks stand in the way. Locks that the same person has are taken anew, with the new reason and end. */
export function decideLock(
  state: LockState,
  wish: LockWish,
  now: EpochMs,
): { readonly events: readonly JournalEvent[] } | { readonly against: readonly Lock[] } {
  const { holder, reason, until } = wish;
  const targets: readonly (string | undefined)[] = wish.deployments.length === 0 ? [undefined] : [...new Set(wish.deployments)];
  const against = [...new Set(targets.flatMap((target) => inTheWay(state, target, holder, now)))];
  if (against.length > 0) return { against };
  const events = targets.map((deployment, index): JournalEvent => {
    const token = state.token + index + 1;
    const had = state.locks.get(deployment);
    const lock: Lock["lock"] = had !== undefined && had.holder === holder && holds(had, now) ? had.lock : `L-${token}`;
    return {
      type: "lock.taken",
      v: 1,
      lock,
      ...(deployment === undefined ? {} : { deployment }),
      holder,
      reason,
      ...(until === undefined ? {} : { until }),
      token,
    };
  });
  return { events };
}

/** Frees a lock; `forced` takes it from its holder. */
export function releaseEvent(lock: Lock, by: string, forced: { readonly reason: string } | undefined): JournalEvent {
  return {
    type: "lock.released",
    v: 1,
    lock: lock.lock,
    ...(lock.deployment === undefined ? {} : { deployment: lock.deployment }),
    token: lock.token,
    by,
    ...(forced === undefined ? {} : { forced: { from: lock.holder, reason: forced.reason } }),
  };
}
