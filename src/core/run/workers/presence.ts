import { HalliganError, hasCode, type Problem } from "../../errors.ts";
import type { Clock, Doc, EpochMs, Json, Store } from "../../ports.ts";

/** A worker as it describes itself. */
export interface WorkerInfo {
  readonly name: string;
  /** `null`: it serves nodes without a site. */
  readonly site: string | null;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Jobs at once. */
  readonly concurrency: number;
  /** Jobs that it works on. */
  readonly running: number;
  /** It ends, and takes no new jobs. */
  readonly draining: boolean;
  /** Why it takes no jobs although it is there. */
  readonly problem: Problem | null;
  readonly since: EpochMs;
  /** When it last wrote this, by its own clock. */
  readonly seenAt: EpochMs;
}

/** A worker with whether it lives, as the store's clock judges it. */
export interface SeenWorker extends WorkerInfo {
  readonly alive: boolean;
}

const collection = "workers";
/** Without a sign of life a worker counts as gone after this, ms. */
const lifeMs = 6_000;
const beatMs = 2_000;
/** Whoever was killed gives its name free within this, ms: so long the next of that name waits. */
const nameFreeMs = lifeMs + 2_000;
const askNameMs = 250;
/** Workers that went without a word are told about for so long, ms. */
const toldMs = 24 * 3_600_000;

function lifeOf(name: string): string {
  return `worker:${name}`;
}

/** All workers that are there, or were within a day, by name. */
export async function readWorkers(store: Pick<Store, "list" | "holder">): Promise<readonly SeenWorker[]> {
  const docs = await store.list(collection);
  const seen = docs.map(async ({ key, value }): Promise<SeenWorker> => {
    return { ...(value as unknown as WorkerInfo), alive: (await store.holder(lifeOf(key))) !== undefined };
  });
  return (await Promise.all(seen)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** True when an engine of this version may send the site's jobs to it. */
export function isUsable(worker: SeenWorker, site: string | undefined, version: string): boolean {
  return worker.alive && !worker.draining && worker.problem === null && worker.version === version && worker.site === (site ?? null);
}

/** A worker's entry in the list. */
export interface WorkerPresence {
  readonly name: string;
  /** Aborts when somebody else has the name: this process was frozen for long. */
  readonly lost: AbortSignal;
  /** When it last renewed its lease, by its own clock; without renewal the lease ends after `leaseMs`. */
  renewedAt(): EpochMs;
  readonly leaseMs: number;
  /** Notes a change; written down with the next beat, or at once. */
  show(change: Partial<Pick<WorkerInfo, "running" | "draining" | "problem">>, atOnce?: boolean): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Puts a worker on the list, under the first of `names` that nobody has, and keeps the entry fresh.
 * @returns `undefined` when others have all of these names.
 */
export async function enterWorker(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  names: readonly string[],
  owner: string,
  about: Omit<WorkerInfo, "name" | "running" | "draining" | "problem" | "since" | "seenAt">,
): Promise<WorkerPresence | undefined> {
  const name = await takeName(store, clock, names, owner);
  if (name === undefined) return undefined;
  await forgetOld(store, clock.now());
  const now = clock.now();
  return await keep(store, clock, owner, { ...about, name, running: 0, draining: false, problem: null, since: now, seenAt: now });
}

async function takeName(store: Store, clock: Clock, names: readonly string[], owner: string): Promise<string | undefined> {
  const until = clock.now() + nameFreeMs;
  for (;;) {
    for (const name of names) if ((await store.acquire(lifeOf(name), owner, lifeMs)) !== undefined) return name;
    if (clock.now() > until) return undefined;
    await clock.sleep(askNameMs);
  }
}

async function keep(store: Store, clock: Clock, owner: string, first: WorkerInfo): Promise<WorkerPresence> {
  const left = new AbortController();
  const lost = new AbortController();
  const { name } = first;
  let info = first;
  let renewedAt = clock.now();
  const write = async (): Promise<void> => {
    info = { ...info, seenAt: clock.now() };
    const kept = await store.get(collection, name);
    await store.put(collection, name, info as unknown as Json, kept?.rev ?? 0).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    });
  };
  await write();
  const beating = (async () => {
    while (!left.signal.aborted) {
      await clock.sleep(beatMs, left.signal).catch(() => undefined);
      if (left.signal.aborted) return;
      try {
        const askedAt = clock.now();
        if ((await store.acquire(lifeOf(name), owner, lifeMs)) === undefined) return lost.abort();
        renewedAt = askedAt;
        await write();
      } catch (error) {
        // A store that is away is tried again; jobs have turns of their own.
        if (!(error instanceof HalliganError)) throw error;
      }
    }
  })();
  return {
    name,
    lost: lost.signal,
    renewedAt: () => renewedAt,
    leaseMs: lifeMs,
    async show(change, atOnce = false) {
      info = { ...info, ...change };
      if (atOnce) await write();
    },
    async leave() {
      left.abort();
      await beating;
      const kept = await store.get(collection, name);
      if (kept !== undefined && !lost.signal.aborted) await drop(store, kept);
      const held = await store.holder(lifeOf(name));
      if (held?.owner === owner) await store.release(held);
    },
  };
}

async function forgetOld(store: Store, now: EpochMs): Promise<void> {
  for (const doc of await store.list(collection)) {
    if (now - (doc.value as unknown as WorkerInfo).seenAt > toldMs) await drop(store, doc);
  }
}

/** What somebody else changed or removed meanwhile is left to them. */
async function drop(store: Store, { key, rev }: Doc): Promise<void> {
  await store.delete(collection, key, rev).catch((error: unknown) => {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error;
  });
}
