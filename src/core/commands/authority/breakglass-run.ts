import type { Holdup } from "../../authority/gate.ts";
import { approvalStream, foldApproval, type ApprovalState } from "../../authority/approvals/state.ts";
import { breakglassUses, checkReason, closeReview, isPassed } from "../../authority/locks/breakglass.ts";
import { foldStream } from "../../authority/locks/fold-stream.ts";
import { planResource } from "../../authority/people/plan-resource.ts";
import { HalliganError, fail } from "../../errors.ts";
import type { House } from "../../house.ts";
import type { Plan } from "../../model/plan.ts";
import { readPlan } from "../../run/requests.ts";
import type { Answer, CommandContext } from "../command.ts";
import { refuseOld } from "../planning.ts";
import { detached, followRun } from "../run-follow.ts";
import type { ReviewedDocument } from "./breakglass.ts";

/** What `breakglass` was told. */
interface BreakglassArgs {
  readonly plan: string;
  readonly reason: string | undefined;
  readonly detach: boolean;
}

/**
 * Shows the plan and what would be passed, asks, and runs it past that.
 * @throws `REASON_TOO_SHORT`, `NOT_ALLOWED`, `PLAN_OUTDATED`, `PLAN_STALE`, `RUN_NOT_FOUND`, `CONFIRM_NEEDED`, and whatever break-glass does not get past.
 */
export async function breakGlass(context: CommandContext, args: BreakglassArgs): Promise<Answer> {
  const reason = checkReason(args.reason);
  const house = await context.house();
  const plan = await readPlan(house.store, await planNamed(house, args.plan));
  await context.authorise("breakglass", planResource(plan.body));
  await refuseOld(house, plan);
  const { passed, stays } = await whatStands(house, plan, context.by);
  const [first, ...others] = stays;
  if (first !== undefined) throw new HalliganError([first.problem, ...others.map((each) => each.problem)]);
  context.pass({ type: "plan", plan });
  const detail =
    passed.length === 0
      ? "Nothing stands in its way at present; break-glass also passes what comes up later."
      : `Break-glass passes:\n${passed.map(({ problem }) => `  ${problem.code} ${problem.message}`).join("\n")}`;
  const agreed = await context.confirm({ what: "breakglass", plan, detail });
  if (agreed === undefined) {
    throw fail("CONFIRM_NEEDED", {
      message: `${plan.id} would be run past its gates, and nobody can be asked here. ${detail}`,
      hint: `Read it with \`halligan diff ${plan.id}\`, then add \`--yes\`.`,
    });
  }
  if (!agreed) return { exit: 6, document: { halligan: 1, kind: "declined", plan: plan.id } };
  const { run, engine } = await house.requestRun(plan, context.by, { breakglass: { reason }, here: !args.detach });
  return args.detach ? detached(run, plan.id, engine) : await followRun(context, house, run);
}

/** @throws `RUN_NOT_FOUND` for an approval request that is not there. */
async function planNamed(house: House, named: string): Promise<string> {
  if (!/^A-[1-9]\d*$/u.test(named)) return named;
  const request = await foldStream<ApprovalState | undefined>(house.store, approvalStream(named), undefined, foldApproval);
  if (request !== undefined) return request.plan;
  throw fail("RUN_NOT_FOUND", { message: `There is no approval request ${named}.`, hint: "`halligan approvals` lists them." });
}

/** Everything in the way of a run of the plan now, asked as for a run without break-glass. */
async function whatStands(
  house: House,
  plan: Plan,
  by: string,
): Promise<{ readonly passed: readonly Holdup[]; readonly stays: readonly Holdup[] }> {
  const asked = await Promise.all((["request", "start"] as const).map((phase) => house.judge({ phase, plan, by })));
  const unlike = new Map(asked.flat().map((each) => [`${each.problem.code} ${each.problem.message}`, each]));
  const all = [...unlike.values()];
  return { passed: all.filter(isPassed), stays: all.filter((each) => !isPassed(each)) };
}

/** Closes the review of a use of break-glass: an admin's, and of another one than who used it where there is another. @throws `REVIEW_NOT_FOUND`, `REVIEW_NEEDS_ANOTHER`. */
export async function review(context: CommandContext, run: string, note: string | undefined): Promise<Answer> {
  if (note === undefined || note === "") throw fail("USAGE", { message: "--reviewed needs --note: what the review found." });
  const house = await context.house();
  await context.authorise("administer", { kind: "cluster" });
  const open = (await breakglassUses(house.store)).find((each) => each.run === run);
  const authority = await house.authority();
  const admins = authority.mode === "people" ? [...authority.people.cluster.admin] : [];
  if (open?.by === context.by && admins.some((each) => each !== context.by))
    throw fail("REVIEW_NEEDS_ANOTHER", { message: `${context.by} used break-glass in ${run}; another admin closes its review.` });
  const use = await closeReview(house.store, run, context.by, note);
  const { plan, by, reason, passed } = use;
  const document: ReviewedDocument = { halligan: 1, kind: "reviewed", run, plan, by, reason, passed, reviewedBy: context.by, note };
  return { exit: 0, document: { ...document } };
}
