import { principalText } from "../authority/principal.ts";
import { fail } from "../errors.ts";
import type { House } from "../house.ts";
import { toStored } from "../journal/events.ts";
import { foldNames } from "../model/fold-names.ts";
import type { PlanLimit } from "../model/plan.ts";
import { type AppliedRecord, forgetApplied } from "../run/applied.ts";
import { openRuns } from "../run/queue.ts";
import { listed } from "../words/count.ts";
import type { Answer, CommandContext } from "./command.ts";
import { chooseStanding, readStanding } from "./choose-standing.ts";
import { limitedPlan, type RunOrShow, runOrShow } from "./limited-plan.ts";
import type { ForgottenDocument } from "./reset.ts";

/** What `reset` was told. */
export interface ResetArgs extends RunOrShow {
  readonly deployments: readonly string[];
  readonly nodes?: string | undefined;
  readonly forget: boolean;
  readonly reason?: string | undefined;
}

/**
 * Plans to take away what stands, and carries that out as `apply` does; or forgets it.
 * @throws `RESET_NOTHING`, `DEPLOYMENT_UNKNOWN`, `NODE_UNKNOWN`, `USAGE`, and what `apply` throws.
 */
export async function reset(context: CommandContext, args: ResetArgs): Promise<Answer> {
  const { deployments, nodes: on } = args;
  requireReason(args.forget, args.reason, "--forget", 'halligan reset --nodes n3 --forget --reason "its disks died"');
  const house = await context.house();
  const { cluster } = await house.load();
  const standing = await readStanding(house.store, args.forget ? { nodes: [] } : cluster);
  const chosen = chooseStanding(standing, cluster, { deployments, on });
  const names = [...new Set(chosen.map((each) => each.deployment))];
  // Nothing chosen: who may not operate what was named is not told more than that.
  await context.authorise("operate", { kind: "deployments", names: names.length > 0 ? names : deployments });
  if (chosen.length === 0) throw fail("RESET_NOTHING", { message: "Nothing that was applied fits what was named." });
  if (args.reason !== undefined) return await forgetStanding(context, house, chosen, args.reason);
  const plan = await limitedPlan(context, house, resetLimit(chosen, { deployments, on }));
  return await runOrShow(context, house, plan, args);
}

/** The bounds of a plan that takes these node-roles away. */
export function resetLimit(
  chosen: readonly AppliedRecord[],
  { deployments, on }: { readonly deployments: readonly string[]; readonly on?: string | undefined },
): PlanLimit {
  const ids = new Set(chosen.map((each) => each.id));
  return {
    purpose: { kind: "reset", deployments: deployments.toSorted(), ...(on === undefined ? {} : { on }) },
    only: ids,
    away: ids,
    gone: ids,
  };
}

/** Refuses an option that takes a reason when there is none, and a reason without it. @throws `USAGE`. */
export function requireReason(wanted: boolean, reason: string | undefined, option: string, example: string): void {
  if (wanted === (reason !== undefined)) return;
  const message = wanted ? `${option} needs --reason: it is on record.` : `--reason belongs to ${option}.`;
  throw fail("USAGE", { message, hint: `\`${example}\`` });
}

/** Forgets node-roles whose machines are gone: nothing is done there, and nothing of them can be undone afterwards. */
export async function forgetStanding(
  context: CommandContext,
  house: House,
  chosen: readonly AppliedRecord[],
  reason: string,
): Promise<Answer> {
  const [open] = await openRuns(house.store);
  if (open !== undefined) throw fail("RUN_ACTIVE", { message: `${open.run} (plan ${open.plan}, by ${open.by}) has not ended.` });
  const ids = chosen.map((each) => each.id).toSorted();
  const { cluster } = await house.load();
  const nodes = foldNames([...new Set(chosen.map((each) => each.node))]).join(" ");
  const agreed = await context.confirm({
    what: "forget",
    typed: cluster.name,
    detail: `${listed(ids, 20)} on ${nodes}: nothing is undone there, and Halligan cannot undo it later.`,
  });
  if (agreed === undefined) {
    throw fail("CONFIRM_NEEDED", {
      message: `${ids.length} node-roles would be forgotten, and nobody can be asked here.`,
      hint: "Add `--yes`.",
    });
  }
  if (!agreed) throw fail("INTERRUPTED", { message: "Nothing was forgotten: the question was answered with no." });
  await house.store.append("standing", [toStored({ type: "noderole.forgotten", v: 1, ids, by: context.by, reason })]);
  for (const id of ids) await forgetApplied(house.store, id);
  await house.audit.record({
    by: context.by,
    principal: principalText(house.principal),
    front: context.front,
    action: "reset forget",
    resource: nodes,
    decision: "allowed",
    reason,
    detail: { nodeRoles: ids },
  });
  const document: ForgottenDocument = { halligan: 1, kind: "forgotten", nodeRoles: ids, reason };
  return { exit: 0, document: { ...document } };
}
