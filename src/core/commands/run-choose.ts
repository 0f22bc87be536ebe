import { fail } from "../errors.ts";
import type { RunId } from "../model/ids.ts";
import type { Store } from "../ports.ts";
import { openRuns } from "../run/queue.ts";
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
 * The run that a command speaks of: the named one, else the one that goes on, else the first one that waits, else the newest.
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
  const open = runs.filter((each) => each.phase === "requested");
  const first = open.length > 1 ? (await openRuns(store))[0] : undefined;
  const chosen = runs.find((each) => each.run === first?.run) ?? open[0] ?? runs.at(-1);
  if (chosen === undefined)
    throw fail("RUN_NOT_FOUND", { message: "Nothing has run in this cluster yet.", hint: "`halligan apply` makes a plan and runs it." });
  return chosen;
}
