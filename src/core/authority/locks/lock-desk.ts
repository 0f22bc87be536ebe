import { fail, hasCode } from "../../errors.ts";
import { type JournalEvent, toStored } from "../../journal/events.ts";
import type { Clock, Store } from "../../ports.ts";
import { foldStream } from "./fold-stream.ts";
import {
  type Lock,
  type LockState,
  type LockWish,
  decideLock,
  foldLocks,
  locksHeld,
  locksStream,
  noLocks,
  releaseEvent,
} from "./lock-state.ts";
import { lockWords, lockedHint } from "./lock-words.ts";

/** Where locks are kept, and what time it is. */
export interface LockDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** All locks as the journal tells them now. */
export async function readLocks(store: Store): Promise<LockState> {
  return await foldStream(store, locksStream, noLocks, foldLocks);
}

/**
 * Takes locks, all of them or none, by compare-and-append: of two who want the same at the same moment, one gets it.
 * @throws `LOCK_HELD` with whom it is held by.
 */
export async function takeLocks({ store, clock }: LockDeps, wish: LockWish): Promise<readonly Lock[]> {
  return await decideAndAppend(store, (state) => {
    const now = clock.now();
    const decision = decideLock(state, wish, now);
    if ("events" in decision) return decision.events;
    throw fail("LOCK_HELD", {
      message: decision.against.map((lock) => `${lockWords(lock)}.`).join(" "),
      hint: lockedHint(decision.against),
    });
  });
}

/** What is to be unlocked, by whom. */
export interface UnlockWish {
  /** Empty = the whole cluster. */
  readonly deployments: readonly string[];
  readonly by: string;
  /** Set to free locks of others too. */
  readonly forced?: { readonly reason: string };
}

/** Frees locks, all that are named or none. Returns those that were freed. @throws `LOCK_NOT_FOUND`, `LOCK_NOT_YOURS`. */
export async function releaseLocks({ store, clock }: LockDeps, wish: UnlockWish): Promise<readonly Lock[]> {
  const { deployments, by, forced } = wish;
  let freed: readonly Lock[] = [];
  await decideAndAppend(store, (state) => {
    const now = clock.now();
    const held = locksHeld(state, now);
    const wanted: readonly (string | undefined)[] = deployments.length === 0 ? [undefined] : [...new Set(deployments)];
    freed = wanted.map((deployment) => {
      const lock = held.find((each) => each.deployment === deployment);
      if (lock !== undefined) return lock;
      throw fail("LOCK_NOT_FOUND", { message: `${deployment === undefined ? "The cluster" : `Deployment ${deployment}`} is not locked.` });
    });
    const others = freed.filter((lock) => lock.holder !== by);
    if (others.length > 0 && forced === undefined)
      throw fail("LOCK_NOT_YOURS", { message: others.map((lock) => `${lockWords(lock)}.`).join(" "), hint: lockedHint(others) });
    return freed.map((lock) => releaseEvent(lock, by, lock.holder === by ? undefined : forced));
  });
  return freed;
}

/** Appends what is decided on the present state; when somebody was faster, decides again. Gives the locks that the events took. */
async function decideAndAppend(store: Store, decide: (state: LockState) => readonly JournalEvent[]): Promise<readonly Lock[]> {
  for (;;) {
    const state = await readLocks(store);
    const events = decide(state);
    try {
      await store.append(
        locksStream,
        events.map((event) => toStored(event)),
        { expected: state.version },
      );
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      continue;
    }
    const tokens = new Set(events.flatMap((event) => (event.type === "lock.taken" ? [event.token] : [])));
    const taken = [...(await readLocks(store)).locks.values()].filter((lock) => tokens.has(lock.token));
    // The fold has the last word: a clock that went backwards in between makes it refuse what was decided here.
    if (taken.length === tokens.size) return taken;
  }
}
