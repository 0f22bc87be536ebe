import type { Problem } from "../errors.ts";
import type { EpochMs } from "../ports.ts";
import type { WorkerTally } from "../run/workers/tally.ts";
import type { HealthDocument } from "./judge.ts";
import type { MetricFamily } from "./open-metrics.ts";
import { buildFamily, counter, gauge, processFamilies, type ProcessVitals } from "./process-metrics.ts";

/** How a worker stands. */
export interface WorkerStanding {
  readonly name: string;
  /** Empty: it serves nodes without a site. */
  readonly site: string;
  readonly at: EpochMs;
  readonly concurrency: number;
  readonly tally: WorkerTally;
  readonly draining: boolean;
  /** Why it takes no jobs. */
  readonly trouble: Problem | undefined;
  /** When it last renewed the lease on its name. */
  readonly renewedAt: EpochMs;
  /** The lease ends without renewal after this, ms. */
  readonly leaseMs: number;
  /** What the last look at the store and the queue found. */
  readonly store: { readonly roundTripMs: number; readonly queued: number } | { readonly problem: Problem };
  /** When that look ended. */
  readonly lookedAt: EpochMs;
}

/** A look that has not ended after this is a reason to worry, ms. */
const lateMs = 60_000;

function holdsLease({ at, renewedAt, leaseMs }: WorkerStanding): boolean {
  return at - renewedAt < leaseMs;
}

/** The metrics of a worker; `site` and `worker` are on each, so that one dashboard shows all. */
export function workerMetricsOf(standing: WorkerStanding, own: ProcessVitals): readonly MetricFamily[] {
  const { name, site, at, tally, store, draining, trouble } = standing;
  const labels = { worker: name, site };
  const one = (value: number): MetricFamily["samples"] => [{ labels, value }];
  const there = "problem" in store ? undefined : store;
  return [
    buildFamily(own),
    gauge("store_up", "1 = the store answers.", one(there === undefined ? 0 : 1)),
    gauge(
      "store_round_trip_seconds",
      "How long the store took to answer.",
      there === undefined ? [] : one(there.roundTripMs / 1000),
      "seconds",
    ),
    gauge("worker_ready", "1 = it takes jobs.", one(draining || trouble !== undefined || !holdsLease(standing) ? 0 : 1)),
    gauge("worker_draining", "1 = it takes nothing new and ends when what it has has ended.", one(draining ? 1 : 0)),
    gauge("worker_lease_up", "1 = it holds the lease on its name.", one(holdsLease(standing) ? 1 : 0)),
    gauge("worker_lease_silence_seconds", "How long ago it renewed that lease.", one((at - standing.renewedAt) / 1000), "seconds"),
    gauge("worker_jobs_limit", "Jobs that it takes at once.", one(standing.concurrency)),
    gauge("worker_jobs_running", "Jobs that it works on.", one(tally.running)),
    gauge("worker_jobs_waiting", "Deliveries of its site that no worker has yet.", there === undefined ? [] : one(there.queued)),
    gauge("worker_turns_waiting", "Deliveries that wait until nobody else has the turn on their node.", one(tally.waitingForTurn)),
    counter(
      "worker_jobs_ended",
      "Jobs that it saw end, by how.",
      Object.entries(tally.ended).map(([end, value]) => ({ labels: { ...labels, end }, value })),
    ),
    counter("worker_jobs_taken_over", "Jobs that others had begun and that it attached to.", one(tally.takenOver)),
    counter("worker_jobs_given_back", "Deliveries that it gave back for another try.", one(tally.givenBack)),
    ...processFamilies(own),
  ];
}

/** Whether a worker does what it is there for. One that ends is well: it does what it was told. */
export function workerHealthOf(standing: WorkerStanding): HealthDocument {
  const { at, store, trouble, lookedAt, name, draining } = standing;
  const reasons: { readonly code: string; readonly message: string }[] = [];
  if ("problem" in store) reasons.push({ code: store.problem.code, message: store.problem.message });
  else if (!holdsLease(standing) && !draining)
    reasons.push({ code: "WORKER_NAME_TAKEN", message: `The lease on the name ${name} was lost.` });
  if (trouble !== undefined) reasons.push({ code: trouble.code, message: trouble.message });
  if (at - lookedAt > lateMs) reasons.push({ code: "LOOK_LATE", message: "The last look at the store has not ended for a minute." });
  return { halligan: 1, kind: "health", healthy: reasons.length === 0, reasons };
}
