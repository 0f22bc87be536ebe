import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import type { NodeRoleState, Recorded } from "../../../src/core/journal/events.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import { type Decision, createScheduler } from "../../../src/core/run/schedule.ts";
import { type RunState, evolve, isSettled } from "../../../src/core/run/state.ts";
import { freshRun, planBody, plannedNodeRole } from "./plans.ts";

let seq = 1;

function move(state: RunState, id: string, to: NodeRoleState, code?: "HOST_UNREACHABLE" | "STEP_FAILED"): RunState {
  const why = code === undefined ? {} : { problem: problem(code, { message: "x" }) };
  return evolve(state, {
    type: "noderole.moved",
    v: 1,
    id: id as NodeRoleId,
    state: to,
    attempt: 1,
    ...why,
    seq: seq++,
    at: 2000,
    stream: "run:R-1",
    version: seq,
  } as Recorded);
}

function intent(state: RunState, entry: object): RunState {
  return evolve(state, {
    v: 1,
    run: "R-1",
    by: "ann",
    seq: seq++,
    at: 2000,
    stream: "run:R-1",
    version: seq,
    ...entry,
  } as unknown as Recorded);
}

describe("order", () => {
  const body = planBody(
    plannedNodeRole("n1", "base"),
    plannedNodeRole("n2", "base"),
    plannedNodeRole("n1", "web", { after: ["n1/base"] }),
    plannedNodeRole("n2", "web", { after: ["n1/web", "n2/base"] }),
  );
  const decide = createScheduler(body, { maxJobs: 100 });

  test("starts what waits for nothing, one job per node", () => {
    expect(decide(freshRun(body)).start).toEqual(["n1/base", "n2/base"]);
  });

  test("a child starts when all it waits for is active", () => {
    const state = move(move(freshRun(body), "n1/base", "active"), "n2/base", "active");
    expect(decide(state).start).toEqual(["n1/web"]);
    expect(decide(move(state, "n1/web", "active")).start).toEqual(["n2/web"]);
  });

  test("maxJobs bounds what runs at once", () => {
    expect(createScheduler(body, { maxJobs: 1 })(freshRun(body)).start).toEqual(["n1/base"]);
  });

  test("a pause starts nothing, and resuming goes on", () => {
    const paused = intent(freshRun(body), { type: "intent.pause" });
    expect(decide(paused)).toEqual({ start: [], block: [] });
    expect(decide(intent(paused, { type: "intent.resume" })).start).toEqual(["n1/base", "n2/base"]);
  });

  test("a failure blocks what needs it, with the reason, and nothing else", () => {
    const state = move(move(freshRun(body), "n1/base", "error", "STEP_FAILED"), "n2/base", "active");
    const decision = decide(state);
    expect(decision.block.map((each) => each.id)).toEqual(["n1/web", "n2/web"]);
    expect(decision.block[1]?.problem.message).toContain("it needs n1/web, which was not started either");
    expect(decision.end).toBe("failed");
  });

  test("a cancelled run blocks what has not started and waits for what runs", () => {
    const state = intent(move(freshRun(body), "n1/base", "transition"), { type: "intent.cancel", how: "after-step" });
    const decision = decide(state);
    expect(decision.block.map((each) => each.id)).toEqual(["n2/base", "n1/web", "n2/web"]);
    expect(decision.end).toBeUndefined();
  });

  test("unchanged node-roles count as active from the start", () => {
    const quiet = planBody(plannedNodeRole("n1", "base", { action: "skip" }));
    expect(createScheduler(quiet, { maxJobs: 1 })(freshRun(quiet))).toEqual({ start: [], block: [], end: "succeeded" });
  });
});

describe("what has nothing to do", () => {
  const body = planBody(
    plannedNodeRole("n1", "database"),
    plannedNodeRole("n2", "schema", { after: ["n1/database"], action: "skip" }),
    plannedNodeRole("n3", "proxy", { after: ["n2/schema"], action: "skip" }),
    plannedNodeRole("n4", "app", { after: ["n3/proxy"] }),
  );
  const decide = createScheduler(body, { maxJobs: 100 });

  test("passes on what it waits for", () => {
    expect(decide(freshRun(body)).start).toEqual(["n1/database"]);
    expect(decide(move(freshRun(body), "n1/database", "active")).start).toEqual(["n4/app"]);
  });

  test("passes on that this will not come", () => {
    const { start, block } = decide(move(freshRun(body), "n1/database", "error", "STEP_FAILED"));
    expect([start, block.map(({ id, problem: why }) => [id, why.message])]).toEqual([
      [],
      [["n4/app", "n4/app was not started: it needs n1/database, which failed."]],
    ]);
  });
});

describe("batches and failure budgets", () => {
  const members = (parts: Parameters<typeof plannedNodeRole>[2]) =>
    planBody(...["n1", "n2", "n3", "n4", "n5"].map((node) => plannedNodeRole(node, "web", parts)));

  test("a batch starts when the one before is settled", () => {
    const body = members({ rollout: { onUnreachable: "skip-and-report", batch: { nodes: 2 } } });
    const decide = createScheduler(body, { maxJobs: 100 });
    expect(decide(freshRun(body)).start).toEqual(["n1/web", "n2/web"]);
    const half = move(move(freshRun(body), "n1/web", "active"), "n2/web", "transition");
    expect(decide(half).start).toEqual([]);
    expect(decide(move(half, "n2/web", "active")).start).toEqual(["n3/web", "n4/web"]);
  });

  test("a share is rounded down, and is at least one node", () => {
    const body = members({ rollout: { onUnreachable: "skip-and-report", batch: { percent: 50 } } });
    expect(createScheduler(body, { maxJobs: 100 })(freshRun(body)).start).toHaveLength(2);
    const small = members({ rollout: { onUnreachable: "skip-and-report", batch: { percent: 1 } } });
    expect(createScheduler(small, { maxJobs: 100 })(freshRun(small)).start).toHaveLength(1);
  });

  test("a rollout in batches stops at the first failed node unless its budget allows more", () => {
    const strict = members({ rollout: { onUnreachable: "skip-and-report", batch: { nodes: 1 } } });
    const stopped = createScheduler(strict, { maxJobs: 100 })(move(freshRun(strict), "n1/web", "error", "STEP_FAILED"));
    expect(stopped.start).toEqual([]);
    expect(stopped.block.map((each) => each.id)).toEqual(["n2/web", "n3/web", "n4/web", "n5/web"]);
    const lenient = members({ rollout: { onUnreachable: "skip-and-report", batch: { nodes: 1 }, maxFailures: 1 } });
    expect(createScheduler(lenient, { maxJobs: 100 })(move(freshRun(lenient), "n1/web", "error", "STEP_FAILED")).start).toEqual(["n2/web"]);
  });

  test("an unreachable node does not count against the budget, unless the rollout says fail", () => {
    const skip = members({ rollout: { onUnreachable: "skip-and-report", batch: { nodes: 1 } } });
    expect(createScheduler(skip, { maxJobs: 100 })(move(freshRun(skip), "n1/web", "error", "HOST_UNREACHABLE")).start).toEqual(["n2/web"]);
    const hard = members({ rollout: { onUnreachable: "fail" } });
    expect(createScheduler(hard, { maxJobs: 100 })(move(freshRun(hard), "n1/web", "error", "HOST_UNREACHABLE")).end).toBe("failed");
  });

  test("founder first, then batches that keep the quorum", () => {
    const body = members({ order: { order: "founder-first", quorum: 3 } });
    const decide = createScheduler(body, { maxJobs: 100 });
    expect(decide(freshRun(body)).start).toEqual(["n1/web"]);
    expect(decide(move(freshRun(body), "n1/web", "active")).start).toEqual(["n2/web", "n3/web"]);
  });

  test("no further member is touched once as many failed as the quorum can do without", () => {
    const body = members({ order: { order: "founder-first", batch: 1, quorum: 3 } });
    const decide = createScheduler(body, { maxJobs: 100 });
    const one = move(move(freshRun(body), "n1/web", "active"), "n2/web", "error", "STEP_FAILED");
    expect(decide(one)).toEqual({ start: ["n3/web"], block: [] });
    const two = decide(move(one, "n3/web", "unknown"));
    expect(two.block.map((each) => each.id)).toEqual(["n4/web", "n5/web"]);
    expect(two.block[0]?.problem.message).toContain("3 of 5 members must stay active, and n2/web, n3/web failed");
    const pair = planBody(
      ...["n1", "n2"].map((node) => plannedNodeRole(node, "web", { order: { order: "parallel", batch: 1, quorum: 2 } })),
    );
    expect(createScheduler(pair, { maxJobs: 100 })(freshRun(pair)).start).toEqual(["n1/web"]);
  });
});

test("any run comes to its end, starts nothing twice, and never before its parents", () => {
  const graph = fc.array(
    fc.record({
      node: fc.integer({ min: 1, max: 4 }),
      after: fc.array(fc.nat(20), { maxLength: 3 }),
      batch: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
    { minLength: 1, maxLength: 15 },
  );
  fc.assert(
    fc.property(graph, fc.array(fc.constantFrom<NodeRoleState>("active", "active", "active", "error", "unknown")), (shape, fates) => {
      const body = planBody(
        ...shape.map(({ node, after, batch }, index) =>
          plannedNodeRole(`n${node}`, `r${index}`, {
            after: after.filter((other) => other < index).map((other) => `n${shape[other]?.node}/r${other}` as NodeRoleId),
            rollout: { onUnreachable: "skip-and-report", ...(batch === null ? {} : { batch: { nodes: batch } }) },
          }),
        ),
      );
      const decide = createScheduler(body, { maxJobs: 3 });
      let state = freshRun(body);
      const started = new Set<NodeRoleId>();
      let decision: Decision = decide(state);
      for (let round = 0; decision.end === undefined && round < 200; round += 1) {
        for (const { id, problem: why } of decision.block)
          state = evolve(state, {
            type: "noderole.moved",
            v: 1,
            id,
            state: "blocked",
            attempt: 0,
            problem: why,
            seq: seq++,
            at: 1,
            stream: "run:R-1",
            version: seq,
          });
        for (const id of decision.start) {
          expect(started.has(id)).toBe(false);
          started.add(id);
          for (const parent of state.nodeRoles.get(id)?.planned.after ?? []) expect(state.nodeRoles.get(parent)?.state).toBe("active");
          state = move(state, id, "transition");
        }
        const running = [...state.nodeRoles].find(([, progress]) => progress.state === "transition");
        if (running !== undefined) state = move(state, running[0], fates[round % Math.max(1, fates.length)] ?? "active");
        decision = decide(state);
      }
      expect(decision.end).toBeDefined();
      for (const { id } of decision.block) state = move(state, id, "blocked");
      expect([...state.nodeRoles.values()].every((progress) => isSettled(progress.state))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
