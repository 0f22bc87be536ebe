import { fail } from "../errors.ts";
import type { Recorded } from "../journal/events.ts";
import type { Plan } from "../model/plan.ts";

/** A run of which only the first and the last event were kept cannot be told. @throws `RUN_PRUNED`. */
export function refusePrunedRun(run: string, events: readonly Recorded[]): void {
  const [first, second] = events;
  if (events.length !== 2 || first === undefined || second === undefined || second.version === first.version + 1) return;
  const end = second.type === "run.ended" ? `; it has ended (${second.phase})` : "";
  throw fail("RUN_PRUNED", { message: `What ${run} did is no longer kept${end}.` });
}

/** A plan whose node-roles were removed is no plan to look at or to run. @throws `RUN_PRUNED`. */
export function refusePrunedPlan({ id, pruned }: Plan): void {
  if (pruned !== undefined) throw fail("RUN_PRUNED", { message: `What ${id} was to do is no longer kept.` });
}
