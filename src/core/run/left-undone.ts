import type { NodeRoleState } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlanLimit } from "../model/plan.ts";
import type { RunState } from "./state.ts";

/** Node-roles of an ended run that did not come to their end, and why. */
export type LeftUndone = readonly { readonly id: NodeRoleId; readonly why: "failed" | "unknown" | "blocked" | "not reached" }[];

type Why = LeftUndone[number]["why"];

/** What a run left undone, in plan order. Pure. */
export function leftUndone(state: RunState): LeftUndone {
  return [...state.nodeRoles].flatMap(([id, progress]) => {
    const why = whyLeft(progress.state);
    return why === undefined ? [] : [{ id, why }];
  });
}

function whyLeft(state: NodeRoleState): Why | undefined {
  switch (state) {
    case "active":
    case "retired":
      return undefined;
    case "error":
      return "failed";
    case "unknown":
    case "transition":
      return "unknown";
    case "blocked":
      return "blocked";
    case "waiting":
    case "todo":
      return "not reached";
    default:
      return state satisfies never;
  }
}

/**
 * The bounds of the plan that does what a run left undone. What the run was to take away although the files place it (a reset) is still taken
 * away; what the files place again meanwhile is not. Pure.
 */
export function retryLimit(state: RunState, body: PlanBody, failedOnly: boolean): PlanLimit {
  const left = leftUndone(state).filter((each) => !failedOnly || each.why === "failed" || each.why === "unknown");
  const only = new Set(left.map((each) => each.id));
  const gone = new Set(body.nodeRoles.filter((each) => each.action === "remove" && only.has(each.id)).map((each) => each.id));
  return {
    purpose: { kind: "retry", run: state.run, ...(failedOnly ? { failedOnly } : {}) },
    only,
    away: body.purpose === undefined ? new Set() : gone,
    gone,
  };
}
