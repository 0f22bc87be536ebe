import { HalliganError, fail, hasCode, problem } from "../../errors.ts";
import { fromStored, type Recorded, toStored } from "../../journal/events.ts";
import { editorsOf } from "../../intent/editors.ts";
import type { ApprovalId, Digest, RunId } from "../../model/ids.ts";
import type { Plan, PlanBody } from "../../model/plan.ts";
import { digestOf } from "../../plan/canonical.ts";
import type { Json } from "../../ports.ts";
import type { People } from "../people.ts";
import { nextNumber } from "../../run/numbers.ts";
import { readPlan } from "../../run/requests.ts";
import { planChanges } from "./changes.ts";
import { type Actor, type Circumstances, type Decision, decideApprove, decideReject, decideWithdraw } from "./decide.ts";
import { type ApprovalDeps, approvalsCollection, judgingOf, readApproval, requirementsNow, runOf, standingNow } from "./read.ts";
import { shortfall } from "./shortfall.ts";
import { changedDeployments, type Requirement } from "./requirement.ts";
import { type ApprovalEvent, type ApprovalState, approvalStream, type Vote } from "./state.ts";
import { aboutRequest, endWords } from "./wording.ts";

/** Points from the deployments of a plan to the request that is open for them. */
const openCollection = "approvals-open";

/** What came of an act on a request. `already`: it had been done before. */
export interface Acted {
  readonly state: ApprovalState;
  readonly already: boolean;
}

/** Gives a yes. @throws `APPROVAL_*`, `SIGNATURE_*`. */
export async function approve(
  deps: ApprovalDeps,
  request: string,
  vote: Actor & { readonly digest: Digest } & Pick<Vote, "signature">,
): Promise<Acted> {
  return await act(deps, request, vote.person, (state, circumstances) => decideApprove(state, vote, circumstances));
}

/** Gives a no. @throws `APPROVAL_*`. */
export async function reject(deps: ApprovalDeps, request: string, no: Actor & { readonly reason: string }): Promise<Acted> {
  return await act(deps, request, no.person, (state, circumstances) => decideReject(state, no, circumstances));
}

/** Takes back what one did, or the request that one made. `mayClose`: an admin, who may do so for others. @throws `APPROVAL_*`, `NOTHING_TO_WITHDRAW`. */
export async function withdraw(deps: ApprovalDeps, request: string, actor: Actor, mayClose: boolean): Promise<Acted> {
  return await act(deps, request, actor.person, (state, circumstances) => decideWithdraw(state, actor, { ...circumstances, mayClose }));
}

/** Decides on the state as it is and appends for exactly that state; whoever was faster makes it decide again. */
async function act(
  deps: ApprovalDeps,
  request: string,
  person: string,
  decide: (state: ApprovalState, circumstances: Circumstances) => Decision,
): Promise<Acted> {
  for (;;) {
    const state = await readApproval(deps, request);
    const { body } = await readPlan(deps.store, state.plan);
    const runOpen = state.end?.kind === "consumed" && (await runOf(deps.store, state.end.run)) !== "ended";
    const decision = decide(state, { ...(await judgingOf(deps, state, body)), runOpen });
    if ("refused" in decision) throw new HalliganError([decision.refused]);
    if ("already" in decision) return { state, already: true };
    const act = state.acts.get(person) ?? 0;
    const commandId = `approve:${request}:${person}${act === 0 ? "" : `:${act}`}`;
    const outcome = await appended(deps, state, decision.event, commandId);
    if (outcome !== "conflict") {
      const after = await readApproval(deps, request);
      // The request may have run out while the vote was on its way: then it did not count.
      if (after.end?.kind !== "expired") return { state: after, already: outcome === "duplicate" };
    }
  }
}

/** Appends for exactly the version that was decided on. `duplicate`: the same act was on its way already. */
async function appended(
  { store }: ApprovalDeps,
  { request, version }: ApprovalState,
  event: ApprovalEvent,
  commandId: string,
): Promise<"new" | "duplicate" | "conflict"> {
  try {
    const { duplicate } = await store.append(approvalStream(request), [toStored(event)], { expected: version, commandId });
    return duplicate ? "duplicate" : "new";
  } catch (error) {
    if (hasCode(error, "VERSION_CONFLICT")) return "conflict";
    throw error;
  }
}

/** What a plan needs before it may run. `undefined` = nothing. */
export interface Opened {
  readonly state: ApprovalState;
  /** Its first event, for whoever follows. */
  readonly event: Recorded;
  /** False when it was open already. */
  readonly fresh: boolean;
}

/**
 * Opens the request for a plan, or finds the one that is open for exactly this digest.
 * @throws `APPROVAL_REJECTED` when somebody's no to exactly this plan still stands, `PERSON_UNKNOWN` for a group that is not there.
 */
export async function openApproval(deps: ApprovalDeps, plan: Plan, by: string): Promise<Opened | undefined> {
  const { store, clock } = deps;
  const authority = await deps.authority();
  for (;;) {
    const place = await store.get<Json>(openCollection, scopeKey(plan.body));
    const found = await settleOpen(deps, plan, by);
    if (found !== undefined) {
      const [no] = found.rejections.values();
      if (no === undefined) return { state: found, event: await firstEvent(deps, found.request), fresh: false };
      throw fail("APPROVAL_REJECTED", {
        message: `${plan.id} is what ${found.request} asks for, and ${no.person} rejected that: ${no.reason}`,
        hint: `Change the plan, or ask ${no.person} to take it back (\`halligan withdraw ${found.request}\`).`,
      });
    }
    const requirements = await requirementsNow(deps, plan.body);
    if (requirements.length === 0 || authority.mode === "single-user") return undefined;
    refuseUnknownGroups(requirements, authority.people);
    const request: ApprovalId = `A-${await nextNumber(store, "approvals")}`;
    if (!(await claim(deps, plan.body, request, place?.rev ?? 0))) continue;
    await store.put(approvalsCollection, request, { request }, 0);
    const event: ApprovalEvent = {
      type: "approval.requested",
      v: 1,
      request,
      plan: plan.id,
      digest: plan.digest,
      cluster: plan.body.cluster,
      scope: [...plan.body.deployments],
      deployments: [...changedDeployments(plan.body)],
      by,
      author: plan.author,
      editors: [...(await editorsOf(store, plan))],
      requirements: [...requirements],
      people: authority.people.digest,
      expiresAt: clock.now() + Math.min(...requirements.map((each) => each.rule.ttlMs)),
    };
    await store.append(approvalStream(request), [toStored(event)], { expected: 0, commandId: "requested" });
    return { state: await readApproval(deps, request), event: await firstEvent(deps, request), fresh: true };
  }
}

/** A request that asks a group that nobody is in would wait in vain. */
function refuseUnknownGroups(requirements: readonly Requirement[], { groups }: People): void {
  const problems = requirements.flatMap(({ deployment, risk, rule }) =>
    rule.groups
      .filter((group) => !groups.has(group))
      .map((group) =>
        problem("PERSON_UNKNOWN", {
          message: `The approvals of deployment ${deployment} (${risk}) ask for group ${group}, and people.yaml has no such group.`,
          hint: "Correct the name in the approvals block, or add the group to people.yaml.",
        }),
      ),
  );
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}

/** Makes a request the open one of its deployments; false when somebody else was faster than what was seen at `rev`. */
async function claim({ store }: ApprovalDeps, body: PlanBody, request: ApprovalId, rev: number): Promise<boolean> {
  try {
    await store.put(openCollection, scopeKey(body), { request }, rev);
    return true;
  } catch (error) {
    if (hasCode(error, "VERSION_CONFLICT")) return false;
    throw error;
  }
}

/**
 * Tells the request that is open for a plan's deployments that this was planned now: the same digest retains it, nothing left to do closes
 * it, anything else voids it. Returns the request when it is still open.
 */
export async function settleOpen(deps: ApprovalDeps, plan: Plan, by: string): Promise<ApprovalState | undefined> {
  const { store } = deps;
  for (;;) {
    const doc = await store.get<Json>(openCollection, scopeKey(plan.body));
    const request = (doc?.value as { readonly request?: unknown } | undefined)?.request;
    if (typeof request !== "string") return undefined;
    const state = await claimed(deps, request);
    if (state === undefined || (await noteEnd(deps, state)) !== undefined) return undefined;
    const event = await settlement(deps, state, plan, by);
    if (event === undefined) return state;
    if ((await appended(deps, state, event, `${event.type}:${plan.id}`)) === "conflict") continue;
    if (event.type !== "approval.retained") return undefined;
  }
}

/** What a new plan does to an open request; `undefined` when it says nothing new. */
async function settlement({ store }: ApprovalDeps, state: ApprovalState, plan: Plan, by: string): Promise<ApprovalEvent | undefined> {
  const { request, digest } = state;
  if (plan.body.nodeRoles.every((each) => each.action === "skip"))
    return { type: "approval.closed", v: 1, request, why: "empty", plan: plan.id, by };
  if (plan.digest === digest) return plan.id === state.plan ? undefined : { type: "approval.retained", v: 1, request, plan: plan.id, by };
  const before = await readPlan(store, state.plan);
  return {
    type: "approval.voided",
    v: 1,
    request,
    plan: plan.id,
    digest: plan.digest,
    by,
    changed: [...planChanges(before.body, plan.body)],
  };
}

/** A request that is pointed to; the process that claimed the place appends its first event a moment later, unless it died there. */
async function claimed(deps: ApprovalDeps, request: string): Promise<ApprovalState | undefined> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      return await readApproval(deps, request);
    } catch (error) {
      if (!hasCode(error, "APPROVAL_NOT_FOUND")) throw error;
      await deps.clock.sleep(50);
    }
  }
  return undefined;
}

/** Writes down that a request ran out, for who reads the journal; the fold needs no event for it. */
async function noteEnd(deps: ApprovalDeps, state: ApprovalState): Promise<ApprovalState["end"]> {
  if (state.end?.kind === "expired")
    await deps.store.append(approvalStream(state.request), [toStored({ type: "approval.expired", v: 1, request: state.request })], {
      commandId: "expired",
    });
  return state.end;
}

async function firstEvent({ store }: ApprovalDeps, request: string): Promise<Recorded> {
  const [stored] = await store.read({ stream: approvalStream(request), limit: 1 });
  const event = stored === undefined ? undefined : fromStored(stored);
  if (event === undefined) throw fail("APPROVAL_NOT_FOUND", { message: `There is no approval request ${request} in this cluster.` });
  return event;
}

function scopeKey(body: PlanBody): string {
  return digestOf([body.cluster, body.deployments, ...(body.purpose === undefined ? [] : [body.purpose])]);
}

/** The request that a plan's run has to use: one that is open for exactly this plan, or that somebody is using for it at this moment. */
export async function requestOf(deps: ApprovalDeps, plan: Plan): Promise<{ readonly request?: ApprovalId }> {
  const doc = await deps.store.get<Json>(openCollection, scopeKey(plan.body));
  const request = (doc?.value as { readonly request?: unknown } | undefined)?.request;
  const state = typeof request === "string" ? await claimed(deps, request) : undefined;
  if (state === undefined || state.digest !== plan.digest) return {};
  const { end } = state;
  return end === undefined || (end.kind === "consumed" && (await runOf(deps.store, end.run)) !== "ended") ? { request: state.request } : {};
}

/** Ties a run to the request that lets it start, as `requestRun` wants it. */
export function claimer(deps: ApprovalDeps, request: ApprovalId, plan: Plan, by: string): (run: RunId) => Promise<RunId> {
  return (run) => consumeApproval(deps, request, plan, by, run);
}

/**
 * Uses a granted request for a run, exactly once: returns the run that may be asked for with it, which is an earlier one when whoever used
 * the request died before asking. It is judged on exactly the state that it is used in: a rejection that was faster wins.
 * @throws `APPROVAL_ENDED`, `APPROVAL_DIGEST`, `APPROVAL_NEEDED`, `APPROVAL_REJECTED`.
 */
export async function consumeApproval(deps: ApprovalDeps, request: ApprovalId, plan: Plan, by: string, run: RunId): Promise<RunId> {
  for (;;) {
    const state = await readApproval(deps, request);
    if (state.digest !== plan.digest)
      throw new HalliganError([
        aboutRequest("APPROVAL_DIGEST", request, `${request} is for the plan with digest ${state.digest}; ${plan.id} has ${plan.digest}.`),
      ]);
    const { end } = state;
    if (end?.kind === "consumed" && (end.run === run || (await runOf(deps.store, end.run)) === "never")) return end.run;
    if (end !== undefined) throw new HalliganError([aboutRequest("APPROVAL_ENDED", request, `${request} is over: ${endWords(end)}.`)]);
    const short = shortfall(state, await standingNow(deps, state, plan.body), plan.id);
    if (short !== undefined) throw new HalliganError([short]);
    await appended(deps, state, { type: "approval.consumed", v: 1, request, run, plan: plan.id, by }, "consumed");
  }
}
