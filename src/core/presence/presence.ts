import { HalliganError, hasCode } from "../errors.ts";
import type { Clock, Doc, EpochMs, Store } from "../ports.ts";

/** Somebody who has the cluster open in a front end that stays. */
export type Presence = {
  /** Unique to the front end's process. */
  readonly id: string;
  readonly person: string;
  readonly front: "tui" | "slack";
  readonly host: string;
  /** What they look at, a few words: `plan P-7`. */
  readonly where: string;
  /** The command that runs for them now, without its arguments. */
  readonly doing?: string;
  readonly since: EpochMs;
  /** When they were last heard of. */
  readonly seenAt: EpochMs;
};

const collection = "presence";
/** How often who is here says so. */
const beatMs = 15_000;
/** Whoever was not heard of for so long is gone: three beats. */
const goneMs = 45_000;
/** Somebody who moves fast is written down this often at most. */
const leastMs = 2_000;
/** What processes that were killed left behind is thrown away after this time. */
const sweepMs = 10 * 60_000;

/** Who has the cluster open, longest first. */
export async function readPresence(store: Pick<Store, "list">, now: EpochMs): Promise<readonly Presence[]> {
  const docs = await store.list<Presence>(collection);
  return docs
    .map(({ value }) => value)
    .filter(({ seenAt }) => now - seenAt < goneMs)
    .toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
}

/** Says that somebody is here, until they leave. */
export interface Presenter {
  /** Notes what they look at and do; written down soon, together with what comes meanwhile. */
  show(at: { readonly where: string; readonly doing?: string }): void;
  /** Takes them off the list. */
  leave(): Promise<void>;
}

/** Keeps one entry fresh. A store that does not answer is no reason to disturb anybody: it is tried again at the next beat. */
export function createPresenter(
  { store, clock }: { readonly store: Pick<Store, "get" | "list" | "put" | "delete">; readonly clock: Clock },
  who: Pick<Presence, "id" | "person" | "front" | "host">,
): Presenter {
  const since = clock.now();
  const leaving = new AbortController();
  let at: { readonly where: string; readonly doing?: string } | undefined;
  let written = "";
  let waking = new AbortController();
  const done = beat();

  async function beat(): Promise<void> {
    while (!leaving.signal.aborted) {
      if (at !== undefined) await quietly(write);
      await pause(leastMs, leaving.signal);
      if (at !== undefined && JSON.stringify(at) !== written) continue;
      waking = new AbortController();
      await pause(beatMs - leastMs, AbortSignal.any([leaving.signal, waking.signal]));
    }
    await quietly(remove);
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, signal).catch(() => undefined);
  }

  async function write(): Promise<void> {
    const now = clock.now();
    const shown = at;
    if (shown === undefined) return;
    const kept = await store.get<Presence>(collection, who.id);
    await store.put(collection, who.id, { ...who, ...shown, since, seenAt: now }, kept?.rev ?? 0);
    written = JSON.stringify(shown);
    for (const doc of await store.list<Presence>(collection)) if (now - doc.value.seenAt > sweepMs) await quietly(() => drop(doc));
  }

  async function drop({ key, rev }: Doc<Presence>): Promise<void> {
    await store.delete(collection, key, rev);
  }

  async function remove(): Promise<void> {
    const kept = await store.get<Presence>(collection, who.id);
    if (kept !== undefined) await drop(kept);
  }

  return {
    show(next) {
      at = next;
      if (JSON.stringify(next) !== written) waking.abort();
    },
    async leave() {
      leaving.abort();
      await done;
    },
  };
}

/** What the store refuses or cannot do now is left for the next time. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HalliganError) || hasCode(error, "BUG")) throw error;
  }
}
