import { expect, test } from "vitest";
import type { NodeRoleState, Recorded } from "../../../src/core/journal/events.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlanBody } from "../../../src/core/model/plan.ts";
import { runTimings } from "../../../src/core/run/timings.ts";
import { timingsView } from "../../../src/cli/views/timings.ts";
import { createScreen } from "../../../src/cli/screen.ts";

const began = 1_000_000;
const role = (id: NodeRoleId, cohort: number, ...after: readonly NodeRoleId[]): unknown => ({ id, node: id.split("/")[0], cohort, after });
const body = {
  nodeRoles: [role("n1/db", 0), role("n1/web", 1, "n1/db"), role("n2/pack", 0), role("n2/app", 1, "n1/db"), role("n3/idle", 0)],
} as unknown as PlanBody;
const moved = (id: NodeRoleId, state: NodeRoleState, at: number): Recorded =>
  ({ type: "noderole.moved", v: 1, id, state, attempt: 1, seq: 1, at: began + at }) as unknown as Recorded;
const event = (type: string, at: number, more: object = {}): Recorded => ({ type, v: 1, at: began + at, ...more }) as unknown as Recorded;

const events = [
  event("intent.run", -500),
  event("run.started", 0),
  moved("n1/db", "todo", 5),
  moved("n1/db", "transition", 10),
  moved("n2/pack", "transition", 20),
  event("step.finished", 900, { id: "n1/db", step: "package:mariadb", durationMs: 880 }),
  moved("n1/db", "active", 1000),
  moved("n1/web", "transition", 1100),
  moved("n1/web", "active", 1500),
  event("step.finished", 2900, { id: "n2/pack", step: "package:app", durationMs: 2880 }),
  moved("n2/pack", "active", 3000),
  moved("n2/app", "transition", 3050),
  moved("n2/app", "error", 4000),
];

test("cohorts, the chain that decided, also where a node was busy with something else, and the slowest steps", () => {
  const told = runTimings(body, [...events, event("run.ended", 4100)]);
  expect(told.durationMs).toBe(4100);
  expect(told.cohorts).toEqual([
    { cohort: 0, nodeRoles: 2, fromMs: 10, toMs: 3000, workMs: 3970 },
    { cohort: 1, nodeRoles: 2, fromMs: 1100, toMs: 4000, workMs: 1350 },
  ]);
  expect(told.criticalPath.map(({ id, waitedMs }) => [id, waitedMs])).toEqual([
    ["n2/pack", 20],
    ["n2/app", 50],
  ]);
  expect(told.nodes).toEqual([
    { node: "n1", workMs: 1390 },
    { node: "n2", workMs: 3930 },
  ]);
  expect(told.slowest).toEqual([
    { id: "n2/pack", step: "package:app", durationMs: 2880 },
    { id: "n1/db", step: "package:mariadb", durationMs: 880 },
  ]);
  const screen = createScreen({ isTerminal: false, columns: undefined, plain: true, environment: {} });
  const view = timingsView({ halligan: 1, kind: "run-timings", run: "R-1", plan: "P-1", phase: "failed", ...told }, screen).join("\n");
  expect(view).toContain("R-1 (plan P-1) failed, 4.1s");
  expect(view).toMatch(/n2\/app +0\.1s +0\.9s +4\.0s\n/u);
  expect(view).toContain("Work by node: n1 1.4s, n2 3.9s.");
});

test("a run that goes on counts until its last event; one in which nothing was under way has no path", () => {
  const open = runTimings(body, events.slice(0, 5));
  expect([open.durationMs, open.criticalPath.map(({ id, toMs }) => [id, toMs])]).toEqual([20, [["n1/db", 20]]]);
  expect(runTimings(body, [event("run.started", 0), event("run.ended", 7)])).toEqual({
    durationMs: 7,
    cohorts: [],
    criticalPath: [],
    nodes: [],
    slowest: [],
  });
});
