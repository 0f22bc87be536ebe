import { listApprovals, requirementsNow } from "../../core/authority/approvals/read.ts";
import { changedDeployments, type Requirement } from "../../core/authority/approvals/requirement.ts";
import { standingOf } from "../../core/authority/approvals/standing.ts";
import type { ApprovalState } from "../../core/authority/approvals/state.ts";
import { requirementWords } from "../../core/authority/approvals/wording.ts";
import { approvalDocument } from "../../core/commands/authority/approval-document.ts";
import { documentPlan, isEmpty } from "../../core/commands/plan-document.ts";
import { refuseOld } from "../../core/commands/planning.ts";
import { HalliganError } from "../../core/errors.ts";
import type { House, LoadedCluster } from "../../core/house.ts";
import type { Plan } from "../../core/model/plan.ts";
import { restartsOf } from "../../core/plan/restarts.ts";
import { listRuns, newestPlan, readPlan } from "../../core/run/requests.ts";
import { editorsOf } from "../../core/intent/editors.ts";
import type { Style } from "../grammar/lines.ts";
import type { Needed, PlanPhase, PlanView } from "../messages/plan-view.ts";

/** Reads everything that a message about a plan tells, as it is now. @throws `RUN_NOT_FOUND`. */
export async function loadPlan(house: House, id: string, style: PlanView["style"], fileBelow: boolean): Promise<PlanView> {
  const plan = await readPlan(house.store, id);
  const files = await house.load().catch(quietly);
  const policy = isEmpty(plan) ? undefined : await house.policy.judgePlan(plan).catch(quietly);
  const gates = isEmpty(plan) ? undefined : await house.judge({ phase: "plan", plan, by: plan.author }).catch(quietly);
  const document = documentPlan(
    plan,
    policy,
    gates?.filter(({ kind }) => kind !== "policy"),
  );
  const needed = await neededFor(house, plan).catch(quietly);
  return {
    style,
    document,
    author: plan.author,
    at: plan.at,
    phase: await phaseOf(house, plan, files, (policy?.summary.blocking ?? 0) > 0, needed ?? []),
    needed: needed ?? [],
    restarts: files === undefined ? [] : restartsOf(plan.body, files.barclamps),
    fileBelow,
  };
}

/** How commands are written about one cluster. */
export function styleOf(commands: Style["commands"], prefix: string, cluster: string): PlanView["style"] {
  return { commands, prefix, cluster };
}

/** What cannot be read or judged is left out of a message; commands tell why. */
function quietly(error: unknown): undefined {
  if (error instanceof HalliganError) return undefined;
  throw error;
}

async function phaseOf(
  house: House,
  plan: Plan,
  files: LoadedCluster | undefined,
  denied: boolean,
  needed: readonly Needed[],
): Promise<PlanPhase> {
  if (isEmpty(plan)) return { kind: "empty" };
  const request = await requestFor(house, plan);
  const document = request === undefined ? undefined : await approvalDocument(house.approvals, request, "shown");
  const runs = await listRuns(house.store);
  const used = runs.findLast((entry) => entry.plan === plan.id)?.run ?? (request?.end?.kind === "consumed" ? request.end.run : undefined);
  if (used !== undefined) {
    const phase = runs.find(({ run }) => run === used)?.phase ?? "requested";
    return {
      kind: "used",
      run: used,
      ...(phase === "requested" ? {} : { ended: phase }),
      ...(document === undefined ? {} : { request: document }),
    };
  }
  if (document !== undefined && request?.end !== undefined) return { kind: "over", request: document };
  const outdated = await whyOutdated(house, plan, files);
  if (outdated !== undefined) return outdated;
  if (denied) return { kind: "denied" };
  if (document !== undefined && (document.phase === "open" || document.phase === "granted" || document.phase === "rejected"))
    return { kind: document.phase, request: document };
  return needed.length === 0 ? { kind: "ready" } : { kind: "unasked" };
}

/** The request that decides about exactly this plan: one that was opened for it or that it retained. */
async function requestFor({ approvals }: House, plan: Plan): Promise<ApprovalState | undefined> {
  const all = (await listApprovals(approvals)).filter((each) => each.digest === plan.digest);
  return all.findLast((each) => each.end === undefined && each.plan === plan.id) ?? all.findLast((each) => each.plan === plan.id);
}

async function whyOutdated(house: House, plan: Plan, files: LoadedCluster | undefined): Promise<PlanPhase | undefined> {
  const newest = await newestPlan(house.store);
  if (newest !== undefined && newest.id !== plan.id && newest.at >= plan.at && sameScope(newest, plan)) {
    const same = newest.digest === plan.digest;
    return {
      kind: "outdated",
      why: same
        ? `The same was planned again as ${newest.id}: votes and buttons are there.`
        : `${newest.id} was planned for the same deployments since.`,
      newer: newest.id,
      forGood: true,
    };
  }
  if (files === undefined) return undefined; // what is wrong with them is told by every command
  try {
    await refuseOld(house, plan);
    return undefined;
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    const [{ code, message, hint }] = error.problems;
    return { kind: "outdated", why: `${message} ${hint}`, forGood: code !== "PLAN_OUTDATED" };
  }
}

function sameScope(a: Plan, b: Plan): boolean {
  return JSON.stringify([a.body.deployments, a.body.purpose]) === JSON.stringify([b.body.deployments, b.body.purpose]);
}

/** Who would have to approve, and who could, before a request is opened. */
async function neededFor({ approvals, clock, store }: House, plan: Plan): Promise<readonly Needed[]> {
  const authority = await approvals.authority();
  if (isEmpty(plan) || authority.mode === "single-user") return [];
  const requirements: readonly Requirement[] = await requirementsNow(approvals, plan.body);
  const now = clock.now();
  const state: ApprovalState = {
    request: "A-0",
    digest: plan.digest,
    cluster: plan.body.cluster,
    scope: plan.body.deployments,
    deployments: changedDeployments(plan.body),
    plan: plan.id,
    authors: new Set([plan.author]),
    editors: new Set(await editorsOf(store, plan)),
    by: plan.author,
    requirements,
    people: authority.people.digest,
    openedAt: now,
    expiresAt: now + 60_000,
    votes: new Map(),
    rejections: new Map(),
    acts: new Map(),
    version: 0,
  };
  const standing = standingOf(state, { requirements, sides: [authority.people], now });
  return standing.requirements.map(({ requirement, mayVote }) => ({ words: requirementWords(requirement), mayVote }));
}
