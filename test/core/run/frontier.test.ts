import fc from "fast-check";
import { expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import type { NodeRoleState, Recorded } from "../../../src/core/journal/events.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlanBody } from "../../../src/core/model/plan.ts";
import { createScheduler, createWholeScheduler } from "../../../src/core/run/schedule.ts";
import { type RunState, evolve } from "../../../src/core/run/state.ts";
import { freshRun, planBody, plannedNodeRole } from "./plans.ts";

/** Four roles on up to six nodes, each after some of those before it, some of them with nothing to do, in batches and with an order. */
const plans = fc
  .record({
    nodes: fc.integer({ min: 1, max: 6 }),
    roles: fc.array(
      fc.record({
        batch: fc.option(fc.integer({ min: 1, max: 3 })),
        quorum: fc.option(fc.integer({ min: 1, max: 3 })),
        maxFailures: fc.option(fc.nat(2)),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    after: fc.array(fc.tuple(fc.nat(23), fc.nat(23)), { maxLength: 20 }),
    skipped: fc.array(fc.nat(23), { maxLength: 8 }),
  })
  .map(({ nodes, roles, after, skipped }): PlanBody => {
    const ids = roles.flatMap((_, role) => Array.from({ length: nodes }, (_, node) => `n${node}/r${role}` as NodeRoleId));
    return planBody(
      ...ids.map((id, place) => {
        const [node = "", role = ""] = id.split("/");
        const { batch = null, quorum = null, maxFailures = null } = roles[Number(role.slice(1))] ?? {};
        return plannedNodeRole(node, role, {
          action: skipped.includes(place) ? "skip" : "apply",
          after: after.flatMap(([child, parent]) => (child === place && parent < place ? (ids[parent] ?? []) : [])),
          rollout: {
            onUnreachable: "skip-and-report",
            ...(batch === null ? {} : { batch: { nodes: batch } }),
            ...(maxFailures === null ? {} : { maxFailures }),
          },
          ...(quorum === null ? {} : { order: { order: "founder-first" as const, quorum } }),
        });
      }),
    );
  });

/** What happens between two decisions: which of the running end, and how; what people ask for; whether decisions are acted on. */
const rounds = fc.array(
  fc.record({
    ends: fc.array(fc.tuple(fc.nat(5), fc.constantFrom<NodeRoleState>("active", "active", "active", "active", "error", "unknown"))),
    asked: fc.option(fc.constantFrom("pause", "resume", "resume", "cancel"), { freq: 12 }),
    heeded: fc.constantFrom(true, true, true, false),
  }),
  { maxLength: 60 },
);

let seq = 1;

function tell(state: RunState, entry: object): RunState {
  seq += 1;
  return evolve(state, { v: 1, run: "R-1", by: "ann", seq, at: 1, stream: "run:R-1", version: seq, ...entry } as unknown as Recorded);
}

function move(state: RunState, id: NodeRoleId, to: NodeRoleState): RunState {
  const why = to === "error" ? { problem: problem("STEP_FAILED", { message: "x" }) } : {};
  return tell(state, { type: "noderole.moved", id, state: to, attempt: 1, ...why });
}

test("what is kept up to date decides as if it looked at everything each time", () => {
  fc.assert(
    fc.property(plans, rounds, fc.integer({ min: 1, max: 4 }), (body, happens, maxJobs) => {
      const whole = createWholeScheduler(body, { maxJobs });
      const decide = createScheduler(body, { maxJobs });
      let state = freshRun(body);
      for (const { ends, asked, heeded } of happens) {
        const decision = decide(state);
        expect(decision).toEqual(whole(state));
        expect(decide(state)).toEqual(decision);
        // An engine that takes over in the middle decides the same.
        expect(createScheduler(body, { maxJobs })(state)).toEqual(decision);
        if (decision.end !== undefined && decision.block.length === 0) return;
        for (const { id } of decision.block) state = move(state, id, "blocked");
        if (heeded) for (const id of decision.start) state = move(state, id, "transition");
        for (const [which, how] of ends) {
          const running = [...state.nodeRoles].filter(([, each]) => each.state === "transition");
          const [id] = running[which % Math.max(1, running.length)] ?? [];
          if (id !== undefined) state = move(state, id, how);
        }
        if (asked === "cancel") state = tell(state, { type: "intent.cancel", how: "after-step" });
        else if (asked !== null) state = tell(state, { type: `intent.${asked}` });
      }
    }),
    { numRuns: 300 },
  );
});
