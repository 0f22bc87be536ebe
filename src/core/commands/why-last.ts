import { failureOf, notesAbout, readNotes } from "../notes/notes.ts";
import type { Store } from "../ports.ts";
import { listRuns, readRunState } from "../run/requests.ts";
import type { NodeRoleProgress } from "../run/state.ts";
import type { WhyLast } from "./why.ts";

/** So many runs are looked through for the last one that had to do with a node-role. */
const runsRead = 10;

/** What the last run with a node-role in its plan made of it, where that is no good end; from the store alone. */
export async function lastTrouble(store: Store, id: string): Promise<WhyLast | undefined> {
  const runs = (await listRuns(store)).slice(-runsRead).toReversed();
  for (const { run } of runs) {
    const { state } = await readRunState(store, run);
    const nodeRoles = [...state.nodeRoles.values()];
    const found = nodeRoles.find(({ planned }) => planned.id === id);
    if (found === undefined) continue;
    if (!isTrouble(found) || found.problem === undefined) return undefined;
    const { problem, planned } = found;
    const failure = failureOf({ code: problem.code, at: { role: planned.role, ...problem.at } });
    const notes = notesAbout(await readNotes(store), { node: planned.node, role: planned.role, failure });
    // What failed first is what there is to mend.
    const behind = found.state === "blocked" ? nodeRoles.filter((each) => isFailed(each) && problem.message.includes(each.planned.id)) : [];
    return { run, at: found.since, state: found.state, problem, behind: behind.slice(0, 3).flatMap((each) => each.problem ?? []), notes };
  }
  return undefined;
}

function isFailed({ state }: NodeRoleProgress): boolean {
  return state === "error" || state === "unknown";
}

function isTrouble(progress: NodeRoleProgress): progress is NodeRoleProgress & { readonly state: WhyLast["state"] } {
  return isFailed(progress) || progress.state === "blocked";
}
