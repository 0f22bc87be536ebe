import { failureOf, notesAbout, readNotes } from "../notes/notes.ts";
import type { Store } from "../ports.ts";
import { readRunState } from "../run/requests.ts";
import type { WhyFailure } from "./why.ts";

/** What did not come to a good end in a run, in the order of its plan. @throws `RUN_NOT_FOUND`. */
export async function runFailures(store: Store, run: string): Promise<readonly WhyFailure[]> {
  const { state } = await readRunState(store, run);
  const notes = await readNotes(store);
  return [...state.nodeRoles.values()].flatMap(({ planned, state: reached, problem }): readonly WhyFailure[] => {
    if ((reached !== "error" && reached !== "unknown") || problem === undefined) return [];
    const { id, node, role } = planned;
    const failure = failureOf({ code: problem.code, at: { role, ...problem.at } });
    return [{ id, state: reached, problem, notes: notesAbout(notes, { node, role, failure }) }];
  });
}
