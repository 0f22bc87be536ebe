import { expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import { openMetricsText } from "../../../src/core/health/open-metrics.ts";
import { workerHealthOf, workerMetricsOf, type WorkerStanding } from "../../../src/core/health/worker.ts";
import { parseOpenMetrics } from "../../support/open-metrics.ts";

const standing: WorkerStanding = {
  name: "w1",
  site: "eu",
  at: 1_000_000,
  concurrency: 50,
  tally: { running: 3, waitingForTurn: 1, takenOver: 2, givenBack: 4, ended: { done: 7, failed: 1, unknown: 0 } },
  draining: false,
  trouble: undefined,
  renewedAt: 998_500,
  leaseMs: 6_000,
  store: { roundTripMs: 2, queued: 9 },
  lookedAt: 995_000,
};
const own = { startedAt: 1_800_000_000_500, loopDelay: { mean: 0.02, max: 0.1 }, residentBytes: 1e8, version: "1" };
const away = problem("STORE_UNAVAILABLE", { message: "gone" });

/** A metric of a worker that stands so, and is otherwise as above. */
function metric(name: string, change: Partial<WorkerStanding> = {}, more: Readonly<Record<string, string>> = {}): number | undefined {
  const families = parseOpenMetrics(openMetricsText(workerMetricsOf({ ...standing, ...change }, own)));
  const labels = JSON.stringify({ worker: "w1", site: "eu", ...more });
  return families.get(`halligan_${name}`)?.samples.find((each) => JSON.stringify(each.labels) === labels)?.value;
}

test("a worker's metrics say what it has, had, and waits for", () => {
  expect(["running", "limit", "waiting", "taken_over", "given_back"].map((name) => metric(`worker_jobs_${name}`))).toEqual([
    3, 50, 9, 2, 4,
  ]);
  expect(metric("worker_turns_waiting")).toBe(1);
  expect(["done", "failed", "unknown"].map((end) => metric("worker_jobs_ended", {}, { end }))).toEqual([7, 1, 0]);
  expect([metric("worker_lease_up"), metric("worker_lease_silence_seconds"), metric("store_round_trip_seconds")]).toEqual([1, 1.5, 0.002]);
});

test("it is ready while it takes jobs and holds its name", () => {
  expect(metric("worker_ready")).toBe(1);
  for (const change of [{ draining: true }, { trouble: problem("NOT_A_RECIPIENT", { message: "x" }) }, { renewedAt: 994_000 }])
    expect(metric("worker_ready", change)).toBe(0);
  expect([metric("worker_lease_up", { renewedAt: 994_000 }), metric("worker_draining", { draining: true })]).toEqual([0, 1]);
  expect([metric("store_up", { store: { problem: away } }), metric("worker_jobs_waiting", { store: { problem: away } })]).toEqual([
    0,
    undefined,
  ]);
});

test("it is ill without store, name or the cluster's secrets, and while nobody looks; not while it ends", () => {
  const codes = (change: Partial<WorkerStanding>): readonly string[] =>
    workerHealthOf({ ...standing, ...change }).reasons.map(({ code }) => code);
  expect(workerHealthOf({ ...standing, draining: true, renewedAt: 1 })).toEqual({
    halligan: 1,
    kind: "health",
    healthy: true,
    reasons: [],
  });
  expect(codes({ store: { problem: away }, renewedAt: 1 })).toEqual(["STORE_UNAVAILABLE"]);
  expect(codes({ renewedAt: 1 })).toEqual(["WORKER_NAME_TAKEN"]);
  expect(codes({ trouble: problem("NOT_A_RECIPIENT", { message: "x" }) })).toEqual(["NOT_A_RECIPIENT"]);
  expect(codes({ lookedAt: 1 })).toEqual(["LOOK_LATE"]);
});
