import { expect, test } from "vitest";
import type { JournalEvent, Recorded } from "../../../src/core/journal/events.ts";
import { estimateLeftMs } from "../../../src/core/run/estimate.ts";
import { type Pace, foldPace, progressOf } from "../../../src/core/run/pace.ts";
import { type RunState, evolve } from "../../../src/core/run/state.ts";
import { freshRun, planBody, plannedNodeRole } from "./plans.ts";

const two = [
  { id: "a", kind: "file", label: "file /a", change: "create" },
  { id: "b", kind: "file", label: "file /b", change: "change" },
] as const;

/** A run that is told what happens, at second `at`. */
function play(body: ReturnType<typeof planBody>) {
  let state: RunState = freshRun(body);
  const pace: Pace = new Map();
  const tell = (at: number, event: object): void => {
    const entry = { v: 1, seq: 1, version: 1, stream: "run:R-1", at: at * 1000, attempt: 1, ...event } as unknown as Recorded<JournalEvent>;
    state = evolve(state, entry);
    foldPace(pace, entry);
  };
  return {
    move: (at: number, id: string, to: string, attempt = 1) => tell(at, { type: "noderole.moved", id, state: to, attempt }),
    step: (at: number, id: string, section = "steps") =>
      tell(at, { type: "step.finished", id, step: "a", section, status: "ok", exitCode: 0, durationMs: 1 }),
    progress: () => progressOf(state, pace),
    left: (at: number) => estimateLeftMs(state, pace, at * 1000),
  };
}

test("counts node-roles and steps: done, lost and running; what needs no change is apart", () => {
  const run = play(
    planBody(
      plannedNodeRole("n1", "web", { steps: two }),
      plannedNodeRole("n2", "web", { steps: two }),
      plannedNodeRole("n3", "web", { action: "skip" }),
    ),
  );
  run.move(1, "n1/web", "transition");
  run.step(2, "n1/web");
  run.step(2, "n1/web", "verify");
  expect(run.progress()).toEqual({
    nodeRoles: { total: 2, done: 0, lost: 0, running: 1 },
    steps: { total: 4, done: 1, lost: 0 },
    unchanged: 1,
  });
  run.move(3, "n1/web", "error");
  run.move(3, "n2/web", "blocked");
  expect(run.progress()).toEqual({
    nodeRoles: { total: 2, done: 0, lost: 2, running: 0 },
    steps: { total: 4, done: 1, lost: 3 },
    unchanged: 1,
  });
});

test("a second attempt counts its steps anew", () => {
  const run = play(planBody(plannedNodeRole("n1", "web", { steps: two })));
  run.move(1, "n1/web", "transition");
  run.step(2, "n1/web");
  run.move(3, "n1/web", "transition", 2);
  expect(run.progress().steps.done).toBe(0);
  run.step(4, "n1/web");
  run.step(5, "n1/web");
  run.move(6, "n1/web", "active", 2);
  expect(run.progress().steps).toEqual({ total: 2, done: 2, lost: 0 });
});

test("nothing can be estimated before something has come to a good end", () => {
  const run = play(planBody(plannedNodeRole("n1", "web"), plannedNodeRole("n2", "web")));
  run.move(1, "n1/web", "transition");
  expect(run.left(5)).toBeUndefined();
  run.move(6, "n1/web", "error");
  expect(run.left(7)).toBeUndefined();
});

test("what is left on the longest chain counts, learnt from the same role, and falls while it runs", () => {
  const run = play(
    planBody(
      plannedNodeRole("n1", "base"),
      plannedNodeRole("n2", "base"),
      plannedNodeRole("n2", "web", { after: ["n2/base"], steps: two }),
      plannedNodeRole("n3", "lb", { after: ["n2/web"] }),
    ),
  );
  run.move(0, "n1/base", "transition");
  run.move(0, "n2/base", "transition");
  run.move(10, "n1/base", "active");
  // n2/base nearly there (1 s), then 2 steps at 10 s each, then one step.
  expect(run.left(10)).toBe(31_000);
  run.move(10, "n2/base", "active");
  run.move(10, "n2/web", "transition");
  expect(run.left(15)).toBe(25_000);
});

test("one node does one thing after the other, and batches follow each other", () => {
  const rollout = { batch: { nodes: 1 }, onUnreachable: "skip-and-report" } as const;
  const members = ["n1", "n2", "n3", "n4"].map((node) => plannedNodeRole(node, "web", { rollout }));
  const run = play(planBody(...members, plannedNodeRole("n9", "x"), plannedNodeRole("n9", "y")));
  run.move(0, "n1/web", "transition");
  run.move(5, "n1/web", "active");
  expect(run.left(5)).toBe(15_000);
  for (const node of ["n2", "n3", "n4"]) {
    run.move(5, `${node}/web`, "transition");
    run.move(10, `${node}/web`, "active");
  }
  expect(run.left(10)).toBe(10_000);
});
