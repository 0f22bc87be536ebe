import { planResource } from "../authority/people/plan-resource.ts";
import { againHint, followsFiles, overtaken, previewOnly } from "../authority/locks/staleness.ts";
import type { PolicyReport } from "../authority/policy/report.ts";
import { HalliganError, type Problem, fail } from "../errors.ts";
import type { House, PlanOptions, PlanSource } from "../house.ts";
import { entryOf } from "../intent/revisions.ts";
import type { Plan } from "../model/plan.ts";
import { codes } from "../problems/codes.ts";
import type { ExitCode } from "../problems/entry.ts";
import { readPlan } from "../run/requests.ts";
import { refusePrunedPlan } from "../run/pruned.ts";
import type { CommandContext } from "./command.ts";
import { isPlanId } from "./run-choose.ts";

/** Options of planning that pass its progress on. */
export function planOptions(context: CommandContext, deployments: readonly string[]): PlanOptions {
  return { deployments, by: context.by, onProgress: (progress) => context.pass({ type: "progress", ...progress }), signal: context.signal };
}

/** Refuses who may not operate all of these deployments; none named = all that there are. @throws `NOT_ALLOWED`, and what loading throws. */
export async function requireDeployments(context: CommandContext, house: House, named: readonly string[]): Promise<void> {
  const names = named.length > 0 ? named : (await house.load()).cluster.deployments.map((each) => each.name);
  await context.authorise("operate", { kind: "deployments", names });
}

/**
 * What a plan is made from that is made with a proposal. Nodes, programs and addresses of a proposal are used while planning, so it takes what
 * committing it takes, and the right to operate what is planned.
 * @throws `PROPOSAL_*`, `NOT_ALLOWED`, everything that is wrong with its text.
 */
export async function proposedSource(context: CommandContext, house: House, id: string, named: readonly string[]): Promise<PlanSource> {
  const [{ changesOf, requireChange, throwAll }, { readProposal, requireOpen }, { proposeDeps }] = await Promise.all([
    import("../intent/proposing.ts"),
    import("../intent/proposals.ts"),
    import("./intent/proposal-document.ts"),
  ]);
  const opened = await readProposal(house.store, id);
  requireOpen(opened.proposal);
  await requireChange(proposeDeps(context, house), changesOf(opened));
  const { loaded, problems } = await house.intent.check(opened.text);
  throwAll(problems);
  const names = named.length > 0 ? named : (loaded?.cluster.deployments ?? []).map((each) => each.name);
  await context.authorise("operate", { kind: "deployments", names });
  return { kind: "proposal", proposal: opened.proposal.proposal, editors: opened.proposal.editors, text: opened.text };
}

/** Refuses who may not operate everything that a plan works on. @throws `NOT_ALLOWED`. */
export async function requirePlan(context: CommandContext, plan: Plan): Promise<void> {
  await context.authorise("operate", planResource(plan.body));
}

/**
 * Refuses a kept plan that could not be carried out any more, before anybody is asked to approve it.
 * @throws `PLAN_PREVIEW` when no node was asked for it, `PLAN_OUTDATED` when cluster file or barclamps are no longer those of the plan,
 * `PLAN_STALE` when runs have worked on what it is about.
 */
export async function refuseOld(house: House, plan: Plan): Promise<void> {
  const preview = previewOnly(plan);
  if (preview !== undefined) throw new HalliganError([preview]);
  const { revision, file } = await house.load();
  if (!followsFiles(plan, revision)) {
    const origin = (await entryOf(house.store, plan.revision))?.origin;
    const open = origin?.kind === "proposal" ? await openProposal(house, origin.proposal) : undefined;
    throw fail("PLAN_OUTDATED", {
      message: `${plan.id} was made from other files than there are now; nothing was changed.`,
      cause:
        open === undefined
          ? `${file} or a barclamp it uses was edited after ${plan.id} was made.`
          : `It was made with proposal ${open}, which is not in the cluster file.`,
      hint: open === undefined ? againHint(plan) : `Commit the proposal first: \`halligan propose commit ${open}\`.`,
    });
  }
  const stale = await overtaken(house.store, plan);
  if (stale !== undefined) throw new HalliganError([stale]);
}

/** A proposal that is still open. */
async function openProposal(house: House, id: string): Promise<string | undefined> {
  const { readProposal } = await import("../intent/proposals.ts");
  const opened = await readProposal(house.store, id).catch(() => undefined);
  return opened?.proposal.state.phase === "open" ? id : undefined;
}

/**
 * What the words after `apply` or `diff` name: a stored plan, or deployments to plan now.
 * Making a plan asks the nodes, so it takes the right to operate; looking at one does not.
 * @throws `NOT_ALLOWED`, `RUN_NOT_FOUND` for a plan that is not there, `USAGE` for a mixture, and what planning throws.
 */
export async function namedPlan(
  context: CommandContext,
  house: House,
  targets: readonly string[],
  restarts?: "later",
): Promise<{ readonly plan: Plan; readonly stored: boolean }> {
  const ids = targets.filter((each) => isPlanId(each));
  const [id] = ids;
  if (id === undefined) {
    await requireDeployments(context, house, targets);
    const options = { ...planOptions(context, targets), ...(restarts === undefined ? {} : { restarts }) };
    return { plan: await house.plan(options), stored: false };
  }
  if (restarts !== undefined) throw fail("USAGE", { message: `${id} says itself what it restarts: --no-restarts is for a new plan.` });
  if (targets.length > 1) throw fail("USAGE", { message: `Name one plan, or deployments, not both: ${targets.join(" ")}` });
  const plan = await readPlan(house.store, id);
  refusePrunedPlan(plan);
  return { plan, stored: true };
}

/**
 * The exit code that a plan asks for: that of its first problem; else 3 when the policy stops it; else 0. A node that left the file is news, not a
 * failure.
 */
export function exitOf(problems: readonly Problem[], policy?: PolicyReport): ExitCode {
  const first = problems.find((each) => each.code !== "NODE_GONE" && codes[each.code].exit !== 0);
  if (first !== undefined) return codes[first.code].exit;
  return policy !== undefined && policy.summary.blocking > 0 ? 3 : 0;
}
