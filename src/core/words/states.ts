import type { NodeRoleState } from "../journal/events.ts";
import type { RunState } from "../run/state.ts";

/** One word or two for where a node-role stands. */
export function stateWords(state: NodeRoleState): string {
  switch (state) {
    case "waiting":
      return "waiting";
    case "todo":
      return "next";
    case "transition":
      return "running";
    case "active":
      return "active";
    case "retired":
      return "removed";
    case "error":
      return "failed";
    case "unknown":
      return "outcome unknown";
    case "blocked":
      return "not started";
    default:
      return state satisfies never;
  }
}

/** Where a run stands, with what was asked of it meanwhile. */
export function phaseWords(
  state: Pick<RunState, "phase" | "paused"> & { readonly cancel?: RunState["cancel"] | null; readonly held?: RunState["held"] | null },
): string {
  const { phase } = state;
  switch (phase) {
    case "requested":
      return state.held === undefined || state.held === null ? "waiting for an engine" : "held";
    case "running":
      if (state.cancel !== undefined && state.cancel !== null) return "stopping";
      if (state.held !== undefined && state.held !== null) return state.paused ? "paused and held" : "held";
      return state.paused ? "paused" : "running";
    case "succeeded":
      return "succeeded";
    case "failed":
      return "failed";
    case "cancelled":
      return "cancelled";
    default:
      return phase satisfies never;
  }
}
