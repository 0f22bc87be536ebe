import { describe, expect, test } from "vitest";
import { leftUndone, retryLimit } from "../../../src/core/run/left-undone.ts";
import { evolve } from "../../../src/core/run/state.ts";
import type { NodeRoleState } from "../../../src/core/journal/events.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlanBody } from "../../../src/core/model/plan.ts";
import type { RunState } from "../../../src/core/run/state.ts";
import { freshRun, planBody, plannedNodeRole } from "./plans.ts";

const body = planBody(
  plannedNodeRole("n1", "db"),
  plannedNodeRole("n2", "web"),
  plannedNodeRole("n3", "web"),
  plannedNodeRole("n4", "web"),
  plannedNodeRole("n5", "web", { action: "remove" }),
  plannedNodeRole("n6", "web", { action: "skip" }),
);

function after(of: PlanBody, states: Readonly<Record<string, NodeRoleState>>): RunState {
  let state = freshRun(of);
  for (const [id, to] of Object.entries(states)) {
    const entry = { type: "noderole.moved", v: 1, id: id as NodeRoleId, state: to, attempt: 1 } as const;
    state = evolve(state, { ...entry, seq: 2, at: 2, stream: "run:R-1", version: 2 });
  }
  return state;
}

describe("what a run left undone", () => {
  const state = after(body, { "n1/db": "active", "n2/web": "error", "n3/web": "unknown", "n5/web": "retired" });

  test("is what failed, is unknown, was blocked or not reached", () => {
    expect(leftUndone(state)).toEqual([
      { id: "n2/web", why: "failed" },
      { id: "n3/web", why: "unknown" },
      { id: "n4/web", why: "not reached" },
    ]);
    expect(leftUndone(after(body, { "n4/web": "blocked" })).find((each) => each.id === "n4/web")?.why).toBe("blocked");
  });

  test("bounds the next plan, and tells which run it is about", () => {
    const limit = retryLimit(state, body, false);
    expect(limit.purpose).toEqual({ kind: "retry", run: "R-1" });
    expect([...limit.only]).toEqual(["n2/web", "n3/web", "n4/web"]);
    expect([...retryLimit(state, body, true).only]).toEqual(["n2/web", "n3/web"]);
  });

  test("a removal that failed is one again only when it was a reset: what the files place again is not taken away", () => {
    const failed = after(body, { "n5/web": "error" });
    expect([...retryLimit(failed, body, true).only]).toEqual(["n5/web"]);
    expect([...retryLimit(failed, body, true).away]).toEqual([]);
    const reset: PlanBody = { ...body, purpose: { kind: "reset", deployments: [] } };
    expect([...retryLimit(after(reset, { "n5/web": "error" }), reset, true).away]).toEqual(["n5/web"]);
  });
});
