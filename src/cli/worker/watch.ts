import { HalliganError, type Problem } from "../../core/errors.ts";
import { type WorkerStanding, workerHealthOf, workerMetricsOf } from "../../core/health/worker.ts";
import type { JobQueue, Store } from "../../core/ports.ts";
import { placeOf } from "../../core/run/workers/places.ts";
import type { WorkerPresence } from "../../core/run/workers/presence.ts";
import type { WorkerTally } from "../../core/run/workers/tally.ts";
import { systemClock } from "../house/clock.ts";
import { programVersion } from "../program-version.ts";
import { openWatchDoor } from "../watch/metrics-door.ts";
import { watchVitals } from "../watch/vitals.ts";

/** How often store and queue are looked at, ms. */
const lookEveryMs = 10_000;

/** What is known of a worker while it works. */
export interface WorkerState {
  tally: WorkerTally;
  draining: boolean;
  /** Why it takes no jobs. */
  trouble: Problem | undefined;
}

/** What watching a worker needs. */
interface WatchPlace {
  /** Port of 127.0.0.1 for metrics and health; `undefined` = neither. */
  readonly port: number | undefined;
  readonly store: Pick<Store, "head">;
  readonly queue: Pick<JobQueue, "waiting">;
  readonly presence: Pick<WorkerPresence, "name" | "renewedAt" | "leaseMs">;
  readonly site: string | undefined;
  readonly concurrency: number;
  readonly state: Readonly<WorkerState>;
  readonly log: (line: string) => void;
}

/** Answers who asks for metrics and health of a worker, until the signal. @throws `METRICS_PORT`. */
export async function watchWorker(place: WatchPlace, signal: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
  const { port, presence, site, concurrency, state, log } = place;
  if (port === undefined) return { ended: Promise.resolve() };
  const vitals = watchVitals();
  let store = await look(place);
  let lookedAt = systemClock.now();
  const standing = (): WorkerStanding => ({
    name: presence.name,
    site: site ?? "",
    at: systemClock.now(),
    concurrency,
    ...state,
    renewedAt: presence.renewedAt(),
    leaseMs: presence.leaseMs,
    store,
    lookedAt,
  });
  const closeDoor = await openWatchDoor(port, log, {
    metrics: () => workerMetricsOf(standing(), vitals.now()),
    health: () => workerHealthOf(standing()),
  });
  const looking = async (): Promise<void> => {
    while (!signal.aborted) {
      await systemClock.sleep(lookEveryMs, signal).catch(() => undefined);
      if (signal.aborted) break;
      store = await look(place);
      lookedAt = systemClock.now();
      vitals.look();
    }
    vitals.end();
    await closeDoor();
  };
  return { ended: looking() };
}

async function look({ store, queue, site }: WatchPlace): Promise<WorkerStanding["store"]> {
  try {
    const begun = systemClock.now();
    await store.head();
    const roundTripMs = systemClock.now() - begun;
    return { roundTripMs, queued: await queue.waiting(placeOf(site, programVersion())) };
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return { problem: error.problems[0] };
  }
}
