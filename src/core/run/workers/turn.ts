import { fail, hasCode } from "../../errors.ts";
import type { Clock, Fence, Lease, Store } from "../../ports.ts";

/** Without renewal a turn ends after this, ms: then another process may work on the node. */
const turnMs = 5_000;
const renewEveryMs = 1_500;
const askEveryMs = 250;

/** The right to work on one node, which one process at a time has. Its token grows with each turn; the journal and the node refuse older ones. */
export interface Turn {
  readonly fence: Fence;
  /** Aborts when somebody else has the turn, or may have it. */
  readonly lost: AbortSignal;
  /** @throws `FENCED` when the turn is over by this process' own clock: it was frozen, or the store was away for too long. */
  assert(): void;
  end(): Promise<void>;
}

/**
 * Waits for the turn on a node. `owner` must be unique to this attempt. `stillWanted` is asked while somebody else has it.
 * @returns `undefined` when it is not wanted any more. @throws the signal's reason, `STORE_*`.
 */
export async function takeTurn(
  { store, clock }: { readonly store: Pick<Store, "acquire" | "release">; readonly clock: Clock },
  node: string,
  owner: string,
  stillWanted: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Turn | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const askedAt = clock.now();
    const lease = await store.acquire(`node:${node}`, owner, turnMs);
    if (lease !== undefined) return keepTurn(store, clock, lease, askedAt);
    if (!(await stillWanted())) return undefined;
    await clock.sleep(askEveryMs, signal);
  }
}

function keepTurn(store: Pick<Store, "acquire" | "release">, clock: Clock, lease: Lease, since: number): Turn {
  const over = new AbortController();
  const lost = new AbortController();
  let renewedAt = since;
  const renewing = (async () => {
    while (!over.signal.aborted) {
      try {
        await clock.sleep(renewEveryMs, over.signal);
        const askedAt = clock.now();
        const renewed = await store.acquire(lease.lease, lease.owner, turnMs);
        if (renewed?.token !== lease.token) return lost.abort(gone(lease.lease));
        renewedAt = askedAt;
      } catch (error) {
        if (over.signal.aborted) return;
        if (!hasCode(error, "STORE_UNAVAILABLE", "STORE_FULL")) return lost.abort(error);
      }
    }
  })();
  return {
    fence: { lease: lease.lease, token: lease.token },
    lost: lost.signal,
    assert() {
      if (lost.signal.aborted || clock.now() - renewedAt > turnMs) throw gone(lease.lease);
    },
    async end() {
      over.abort();
      await renewing;
      await store.release(lease).catch(() => undefined); // it ends by itself
    },
  };
}

function gone(lease: string): Error {
  return fail("FENCED", { message: `Another process may have the turn on ${lease.slice("node:".length)} by now.` });
}
