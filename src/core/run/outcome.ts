import { HalliganError, type Problem } from "../errors.ts";
import { nodeRoleId, type NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { AnnealerOptions } from "./annealer-options.ts";
import { forgetApplied, recordApplied, recordRemains } from "./applied.ts";
import type { RunState } from "./state.ts";

type Keeping = Pick<AnnealerOptions, "store" | "workshop" | "clock" | "plan">;

/** Keeps what now stands on the node, or forgets what was taken away. */
export async function keepOutcome({ store, workshop, clock, plan }: Keeping, planned: PlannedNodeRole, state: RunState): Promise<void> {
  const former = plan.body.renames?.find((each) => each.to === planned.node);
  if (planned.action === "remove") await forgetApplied(store, planned.id);
  else await recordApplied(store, workshop.record(planned, state.outputs, state.run, clock.now()));
  // The record by the node's former name goes last: until then it tells how to take the node-role away.
  if (former !== undefined) await forgetApplied(store, nodeRoleId(former.from, planned.role));
}

/**
 * Keeps how to take away what a node-role may have left that failed, or whose outcome is unknown: it does not stand, but it is there. Nothing
 * was left where nothing was sent.
 */
export async function keepRemains(
  { store, workshop, clock }: Keeping,
  planned: PlannedNodeRole,
  state: RunState,
  why: Problem | undefined,
): Promise<void> {
  if (planned.action !== "apply" || why?.code === "HOST_UNREACHABLE") return;
  try {
    await recordRemains(store, workshop.record(planned, state.outputs, state.run, clock.now()));
  } catch (error) {
    // What cannot be rendered was not sent either.
    if (!(error instanceof HalliganError) || error.problems.some((each) => each.code.startsWith("STORE_"))) throw error;
  }
}

/** What a run has brought to what was wanted: active, or gone. */
export function settledIn(state: RunState): ReadonlySet<NodeRoleId> {
  const done = [...state.nodeRoles].filter(([, each]) => each.state === "active" || each.state === "retired");
  return new Set(done.map(([id]) => id));
}
