import { fail } from "../../errors.ts";
import { runStream } from "../../journal/events.ts";
import type { ApprovalId, RunId } from "../../model/ids.ts";
import type { Clock, Json, Store } from "../../ports.ts";
import { readRun } from "../../run/annealer.ts";
import type { PlanBody } from "../../model/plan.ts";
import { foldStream } from "../locks/fold-stream.ts";
import type { Authority, People } from "../people.ts";
import { readKeptPeople } from "../people/kept.ts";
import { readLinks, withLinks } from "../people/links.ts";
import { type ApprovalPolicies, effectivePolicies } from "./effective.ts";
import { type Requirement, requirementsOf, together } from "./requirement.ts";
import { type ApprovalState, approvalAt, approvalStream, foldApproval } from "./state.ts";
import { type Judging, type Standing, standingOf } from "./standing.ts";

/** What approvals are judged from. */
export interface ApprovalDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Who decides now. */
  authority(): Promise<Authority>;
  /** The approvals blocks of the cluster file as it is now. */
  policies(): Promise<ApprovalPolicies>;
}

/** Collection with one entry per request. */
export const approvalsCollection = "approvals";

/** True for `A-3`. */
function isApprovalId(text: string): text is ApprovalId {
  return /^A-[1-9]\d*$/u.test(text);
}

/** A request as it stands now. @throws `APPROVAL_NOT_FOUND`. */
export async function readApproval({ store, clock }: Pick<ApprovalDeps, "store" | "clock">, request: string): Promise<ApprovalState> {
  const state = isApprovalId(request) ? await foldStream(store, approvalStream(request), undefined, foldApproval) : undefined;
  if (state === undefined)
    throw fail("APPROVAL_NOT_FOUND", {
      message: isApprovalId(request)
        ? `There is no approval request ${request} in this cluster.`
        : `"${request.slice(0, 80)}" is not an approval request; they are named like A-3.`,
    });
  return approvalAt(state, clock.now());
}

/** All requests, oldest first. */
export async function listApprovals(deps: Pick<ApprovalDeps, "store" | "clock">): Promise<readonly ApprovalState[]> {
  const docs = await deps.store.list<Json>(approvalsCollection);
  const ids = docs.map((doc) => doc.key).toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
  const states: ApprovalState[] = [];
  for (const id of ids) {
    const state = isApprovalId(id) ? await foldStream(deps.store, approvalStream(id), undefined, foldApproval) : undefined;
    if (state !== undefined) states.push(approvalAt(state, deps.clock.now()));
  }
  return states;
}

/** What a plan needs: by the blocks of the cluster file as it is, and by those under which the last run was let through. */
export async function requirementsNow({ store, authority, policies }: ApprovalDeps, body: PlanBody): Promise<readonly Requirement[]> {
  const present = await authority();
  if (present.mode === "single-user") return [];
  const { groups } = present.people;
  // A group that was renamed or dissolved since cannot be asked any more; how many people are needed stays.
  const before = requirementsOf(body, await effectivePolicies(store, body.cluster)).map((each) => ({
    ...each,
    rule: { ...each.rule, groups: each.rule.groups.filter((group) => groups.has(group)) },
  }));
  return together(requirementsOf(body, await policies()), before);
}

/** What a request is judged by now: the stricter of what held when it was opened and what holds now. */
export async function judgingOf(deps: ApprovalDeps, state: ApprovalState, body: PlanBody): Promise<Judging> {
  const authority = await deps.authority();
  const then = await peopleThen(deps, state);
  const sides = authority.mode === "single-user" ? [then] : [then, authority.people];
  return { requirements: together(state.requirements, await requirementsNow(deps, body)), sides, now: deps.clock.now() };
}

/** What a request that is over was judged by when it ended. @throws `APPROVAL_ENDED`. */
export async function judgingThen(deps: ApprovalDeps, state: ApprovalState): Promise<Judging> {
  return { requirements: state.requirements, sides: [await peopleThen(deps, state)], now: state.end?.at ?? deps.clock.now() };
}

async function peopleThen({ store }: ApprovalDeps, state: ApprovalState): Promise<People> {
  const kept = await readKeptPeople(store, state.people);
  if (kept === undefined) {
    throw fail("APPROVAL_ENDED", {
      message: `The people.yaml under which ${state.request} was opened is not in the store any more, so its votes cannot be judged.`,
      hint: "Withdraw it and apply the plan anew.",
    });
  }
  return withLinks(kept, await readLinks(store));
}

/** How a request stands now. `body`: that of its plan. */
export async function standingNow(deps: ApprovalDeps, state: ApprovalState, body: PlanBody): Promise<Standing> {
  return standingOf(state, await judgingOf(deps, state, body));
}

/** Where the run stands that used a request. `never`: it was claimed, and whoever claimed it did not get to ask for the run. */
export async function runOf(store: Store, run: RunId): Promise<"never" | "open" | "ended"> {
  const [first] = await store.read({ stream: runStream(run), limit: 1 });
  if (first === undefined) return "never";
  return (await readRun(store, run)).some((event) => event.type === "run.ended") ? "ended" : "open";
}
