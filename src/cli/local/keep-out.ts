import { hostname } from "node:os";
import type { State } from "../../core/adapters/store/state.ts";
import { fail } from "../../core/errors.ts";
import type { Lease } from "../../core/ports.ts";
import { engineLease } from "../../core/run/engine.ts";
import { systemClock } from "../house/clock.ts";

/** Without renewal an engine may start again after this, ms: a copy that was killed keeps nobody out for longer. */
const heldMs = 30_000;
const renewEveryMs = 5_000;

/** Leases of those who go on writing to a store that they have open: workers, their turns on nodes, bots. */
const writers = /^(?:worker|node|slack-publisher):/u;

/** Engines that are kept out of a store. */
export interface KeptOut {
  /** @throws `STORE_IN_USE` when one may have got in: this process was stopped for too long. */
  assert(): void;
  letIn(): Promise<void>;
}

/** Takes the lease of each cluster's engine, so that none writes meanwhile. @throws `STORE_IN_USE`, also while workers or a bot have the store open. */
export async function keepOthersOut({ store, snapshots }: State, cluster: string): Promise<KeptOut> {
  const owner = `${hostname()}:${process.pid}:copy`;
  const names = await snapshots.leases();
  const held: Lease[] = [];
  const over = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  let lost: Error | undefined;
  const letIn = async (): Promise<void> => {
    over.abort();
    await renewing;
    for (const lease of held) await store.release(lease).catch(() => undefined); // it ends by itself
  };
  const keep = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await systemClock.sleep(renewEveryMs, over.signal).catch(() => undefined);
      if (over.signal.aborted) return;
      for (const { lease, token } of held) {
        const renewed = await store.acquire(lease, owner, heldMs).catch(() => undefined);
        if (renewed?.token !== token) lost ??= inUse("An engine may have started meanwhile", renewed);
      }
    }
  };
  try {
    for (const name of names) {
      const holder = writers.test(name) ? await store.holder(name) : undefined;
      if (holder !== undefined) throw inUse(`${name} is held`, holder);
    }
    for (const name of new Set([engineLease(cluster), ...names.filter((each) => each.startsWith("engine:"))])) {
      const lease = await store.acquire(name, owner, heldMs);
      if (lease === undefined) throw inUse("An engine holds the store", await store.holder(name));
      held.push(lease);
    }
  } catch (error) {
    await letIn();
    throw error;
  }
  renewing = keep();
  return {
    assert() {
      if (lost !== undefined) throw lost;
    },
    letIn,
  };
}

function inUse(what: string, holder: Lease | undefined): Error {
  return fail("STORE_IN_USE", { message: `${what}: ${holder?.owner ?? "just now"}.` });
}
