import type { Store } from "../../core/ports.ts";
import { type RunEntry, listRuns } from "../../core/run/requests.ts";
import type { KeptMessage } from "./message-book.ts";
import type { RunStory } from "./run-story.ts";

type About = Pick<RunStory, "run" | "plan">;

/** The newest later run that has worked on a deployment of this one, or waits to: what is to be done next is a matter of that one. */
export async function overtaking(store: Store, story: About): Promise<RunEntry | undefined> {
  const runs = await listRuns(store);
  const place = runs.findIndex(({ run }) => run === story.run);
  return place === -1 ? undefined : runs.slice(place + 1).findLast((later) => counts(later) && touches(later, story));
}

/** The message of the newest earlier run that a run takes the place of; older ones were overtaken by that one. */
export async function overtaken(
  store: Store,
  by: About,
  message: (run: string) => Promise<KeptMessage | undefined>,
): Promise<KeptMessage | undefined> {
  const runs = await listRuns(store);
  const place = runs.findIndex(({ run }) => run === by.run);
  const before = runs.slice(0, Math.max(0, place)).findLast((earlier) => counts(earlier) && touches(earlier, by));
  return before === undefined ? undefined : await message(before.run);
}

/** A run that ended before it began has worked on nothing. */
function counts(entry: RunEntry): boolean {
  return entry.phase === "requested" || entry.durationMs > 0;
}

function touches({ deployments }: RunEntry, { plan }: About): boolean {
  return deployments === undefined || deployments.some((each) => plan.body.deployments.includes(each));
}
