import { type Problem, problem } from "../../errors.ts";
import type { Digest, NodeRoleId, RunId } from "../../model/ids.ts";
import type { Plan } from "../../model/plan.ts";
import type { Store } from "../../ports.ts";
import { listed } from "../../words/count.ts";
import { purposeCommand } from "../../words/purpose.ts";
import { readRun } from "../../run/annealer.ts";
import { type RunEntry, listRuns } from "../../run/requests.ts";

/** The command that makes the plan anew. */
export function againHint(plan: Plan): string {
  if (plan.body.purpose !== undefined && plan.body.purpose.kind !== "preview")
    return `Make a new plan with \`${purposeCommand(plan.body.purpose)}\`, read it, and apply that one.`;
  const deployments = plan.body.deployments.join(" ");
  return `Make a new plan with \`halligan plan${deployments === "" ? "" : ` ${deployments}`}\`, read it, and apply that one.`;
}

/** Why a plan is never carried out. Problem: `PLAN_PREVIEW`. */
export function previewOnly(plan: Plan): Problem | undefined {
  if (plan.body.purpose?.kind !== "preview") return undefined;
  return problem("PLAN_PREVIEW", {
    message: `${plan.id} was made without asking the nodes: nobody has seen what it would do. Nothing was changed.`,
    hint: againHint(plan),
  });
}

/** True where a plan is what the files say now, or is meant to differ from them: a rollback is bound to the revision that it goes back to. */
export function followsFiles({ revision, body }: Plan, present: Digest): boolean {
  return revision === present || body.purpose?.kind === "rollback";
}

/** Why a plan may not be carried out by the files as they are now. Problem: `PLAN_OUTDATED`. */
export function outdated(plan: Plan, revision: Digest, run: RunId): Problem | undefined {
  if (followsFiles(plan, revision)) return undefined;
  return problem("PLAN_OUTDATED", {
    message: `${plan.id} was made from other files than there are now; ${run} did not start, and nothing was changed.`,
    cause: `The cluster file or a barclamp it uses was edited after ${plan.id} was made, while ${run} waited.`,
    hint: againHint(plan),
  });
}

/**
 * Why a plan may not be carried out after what other runs have done since it was made: it was approved as what it shows, and that is no longer
 * what would happen. Node-roles that another run only looked at do not count. `run` is the one that is about to carry it out, where it was asked
 * for already. Problem: `PLAN_STALE`.
 */
export async function overtaken(store: Store, plan: Plan, run?: RunId): Promise<Problem | undefined> {
  const planned = new Set<NodeRoleId>(plan.body.nodeRoles.map((each) => each.id));
  for (const entry of (await listRuns(store)).toReversed()) {
    if (entry.run === run || !endedAfter(entry, plan.at)) continue;
    const touched = (await touchedBy(store, entry.run, plan.at)).filter((id) => planned.has(id));
    if (touched.length === 0) continue;
    return problem("PLAN_STALE", {
      message: `${plan.id} is no longer what would happen: ${entry.run} has worked on ${listed(touched, 5)} since it was made. ${run === undefined ? "Nothing was changed." : `${run} did not start, and nothing was changed.`}`,
      cause: `${entry.run} (plan ${entry.plan}, by ${entry.by}) ran after ${plan.id} was made${run === undefined ? "" : `, before ${run} had its turn`}.`,
      hint: againHint(plan),
    });
  }
  return undefined;
}

function endedAfter(entry: RunEntry, at: number): boolean {
  if (entry.phase === "requested") return false;
  // Entries of older versions do not say when the run ended; it did not end earlier than this.
  return entry.endedAt === undefined ? entry.at + entry.durationMs >= at : entry.endedAt >= at;
}

/** Node-roles that a run changed, took away, or left in an unsure state after a moment. */
async function touchedBy(store: Store, run: string, since: number): Promise<readonly NodeRoleId[]> {
  const touched = new Set<NodeRoleId>();
  for (const event of await readRun(store, run)) {
    if (event.type !== "noderole.moved" || event.at < since) continue;
    const changed = event.state === "active" || event.state === "error" ? (event.changed ?? 0) > 0 : false;
    if (changed || event.state === "retired" || event.state === "unknown") touched.add(event.id as NodeRoleId);
  }
  return [...touched];
}
