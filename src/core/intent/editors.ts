import type { Plan } from "../model/plan.ts";
import type { EpochMs, Store } from "../ports.ts";
import { listRuns, readPlan } from "../run/requests.ts";
import { listProposals } from "./proposals.ts";
import { entryOf } from "./revisions.ts";

/**
 * Who wrote what a plan brings about: the editors of every proposal that was committed since the deployments of the plan were last applied.
 * Where the file was edited by hand, nobody knows who did, and whoever planned with it (`plan.author`) stands for them.
 */
export async function editorsOf(store: Store, plan: Plan): Promise<readonly string[]> {
  const since = await appliedAt(store, plan.body.deployments);
  const committed = (await listProposals(store)).flatMap((each) =>
    each.state.phase === "committed" && each.state.at >= since ? [{ ...each, done: each.state }] : [],
  );
  const newest = committed.toSorted((a, b) => b.done.at - a.done.at)[0];
  const entry = await entryOf(store, plan.revision);
  const isByHand = newest === undefined || entry?.text !== newest.after;
  return [...new Set([...committed.flatMap((each) => each.editors), ...(isByHand ? [plan.author] : [])])].toSorted();
}

/** When the oldest of the last successful runs of these deployments was asked for; 0 where one of them never had one. */
async function appliedAt(store: Store, deployments: readonly string[]): Promise<EpochMs> {
  const open = new Set(deployments);
  let oldest: EpochMs | undefined;
  for (const run of (await listRuns(store)).toReversed()) {
    if (open.size === 0) break;
    if (run.phase !== "succeeded") continue;
    const about = run.deployments ?? (await readPlan(store, run.plan).catch(() => undefined))?.body.deployments ?? [];
    for (const name of about) if (open.delete(name)) oldest = run.at;
  }
  return open.size > 0 ? 0 : (oldest ?? 0);
}
