import { expect, test } from "vitest";
import { healthOf } from "../../../src/core/health/judge.ts";
import { metricsOf, type ProcessStanding } from "../../../src/core/health/metrics.ts";
import { openMetricsText } from "../../../src/core/health/open-metrics.ts";
import type { ClusterLook, ClusterStanding } from "../../../src/core/health/standing.ts";
import { problem } from "../../../src/core/errors.ts";
import { parseOpenMetrics } from "../../support/open-metrics.ts";
import { freshRun, planBody, plannedNodeRole } from "../run/plans.ts";

const own: ProcessStanding = {
  startedAt: 1_800_000_000_500,
  slack: { ready: 0, wanted: 2, identified: false },
  loopDelay: { mean: 0.02, max: 1e-7 },
  residentBytes: 1e8,
  slackLag: new Map([["lab", 7]]),
  version: '1"\\\n',
};
const held = { problems: [problem("RUN_ACTIVE", { message: "x" })], since: 5, until: 6 };
const look: ClusterStanding = {
  cluster: "lab",
  at: 1_000_000,
  roundTripMs: 3,
  head: 17,
  engine: { host: "deck", pid: 1, silentMs: 1500 },
  open: [
    freshRun(planBody(plannedNodeRole("n1", "web"), plannedNodeRole("n2", "web"))),
    { ...freshRun(planBody()), phase: "running", held },
  ],
  orphan: undefined,
  ended: { succeeded: 3, failed: 1, cancelled: 0 },
  failed: [],
  standing: 12,
  approvals: [],
};
const away: ClusterLook = { cluster: "prod", at: 1, problem: problem("STORE_UNAVAILABLE", { message: "gone" }) };

test("the text is OpenMetrics by the letter, and says what there is", () => {
  const families = parseOpenMetrics(openMetricsText(metricsOf([look, away], own)));
  const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
    families.get(`halligan_${name}`)?.samples.find((each) => JSON.stringify(each.labels) === JSON.stringify(labels))?.value;
  expect(value("runs_ended", { cluster: "lab", outcome: "succeeded" })).toBe(3);
  expect(value("runs_open", { cluster: "lab", state: "waiting" })).toBe(1);
  expect(value("runs_open", { cluster: "lab", state: "held" })).toBe(1);
  expect(value("node_roles", { cluster: "lab", state: "waiting" })).toBe(2);
  expect(value("node_roles", { cluster: "lab", state: "active" })).toBe(12);
  expect([value("store_up", { cluster: "lab" }), value("store_up", { cluster: "prod" })]).toEqual([1, 0]);
  expect(value("engine_silence_seconds", { cluster: "lab" })).toBe(1.5);
  expect([value("slack_up"), value("slack_lag_events", { cluster: "lab" })]).toEqual([0, 7]);
  expect(value("event_loop_delay_max_seconds")).toBe(1e-7);
  expect(value("build_info", { version: '1"\\\n' })).toBe(1);
  expect(families.get("halligan_process_resident_memory_bytes")).toMatchObject({ type: "gauge", unit: "bytes" });
});

test("the parser of this test finds what is wrong", () => {
  const good = "# TYPE a gauge\n# HELP a x\na 1\n";
  expect(parseOpenMetrics(`${good}# EOF\n`).get("a")?.samples).toEqual([{ labels: {}, value: 1 }]);
  for (const bad of [
    good,
    `${good}\n# EOF\n`,
    `${good}a 2\n# EOF\n`,
    `${good}b 2\n# EOF\n`,
    "# TYPE a counter\na 1\n# EOF\n",
    "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
    '# TYPE a gauge\na{x="\\q"} 1\n# EOF\n',
    '# TYPE a gauge\na{x="1",x="2"} 1\n# EOF\n',
    "# TYPE a gauge\na one\n# EOF\n",
    "# TYPE a gauge\n# TYPE b gauge\na 1\n# EOF\n",
  ])
    expect(() => parseOpenMetrics(bad), bad).toThrow("OpenMetrics");
});

test("an open run without an engine and a store that does not answer are ill; Slack alone is not", () => {
  const orphan = { run: "R-1", by: "ann", version: 1, since: look.at - 30_000 } as const;
  expect(healthOf([look], own.slack, false)).toMatchObject({ healthy: true, reasons: [{ code: "SLACK_UNREACHABLE" }] });
  expect(healthOf([{ ...look, orphan }], undefined, false)).toMatchObject({ healthy: false, reasons: [{ code: "ENGINE_GONE" }] });
  expect(healthOf([{ ...look, orphan: { ...orphan, since: look.at - 29_999 } }], undefined, false)).toMatchObject({ healthy: true });
  expect(healthOf([away], undefined, false)).toMatchObject({ healthy: false, reasons: [{ cluster: "prod", code: "STORE_UNAVAILABLE" }] });
  expect(healthOf([look], undefined, true)).toMatchObject({ healthy: false, reasons: [{ code: "LOOK_LATE" }] });
});
