import { fail } from "../errors.ts";
import type { RunId } from "../model/ids.ts";
import type { Store } from "../ports.ts";
import { type RunEntry, listRuns } from "../run/requests.ts";

/** True for `R-12`. */
export function isRunId(text: string): text is RunId {
  return /^R-[1-9]\d*$/.test(text);
}

/** True for `P-7`. */
export function isPlanId(text: string): boolean {
  return /^P-[1-9]\d*$/.test(text);
}

/**
 * The run that a command speaks of: the named one, else the one that has not ended, else the newest.
 * @throws `RUN_NOT_FOUND`.
 */
export async function chooseRun(store: Store, named: string | undefined): Promise<RunEntry> {
  const runs = await listRuns(store);
  if (named !== undefined) {
    const found = runs.find((each) => each.run === named);
    if (found !== undefined) return found;
    throw fail("RUN_NOT_FOUND", {
      message: isRunId(named) ? `There is no run ${named} in this cluster.` : `"${named}" is not a run; runs are named like R-3.`,
    });
  }
  const chosen = runs.findLast((each) => each.phase === "requested") ?? runs.at(-1);
  if (chosen === undefined)
    throw fail("RUN_NOT_FOUND", { message: "Nothing has run in this cluster yet.", hint: "`halligan apply` makes a plan and runs it." });
  return chosen;
}
