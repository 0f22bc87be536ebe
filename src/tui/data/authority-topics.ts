import { listApprovals, readApproval } from "../../core/authority/approvals/read.ts";
import { identify, rolesOf } from "../../core/authority/authorise.ts";
import type { Freeze } from "../../core/authority/locks/freeze-state.ts";
import { freezesAhead, readFreezes } from "../../core/authority/locks/freeze-state.ts";
import { readLocks } from "../../core/authority/locks/lock-desk.ts";
import { type Lock, locksHeld } from "../../core/authority/locks/lock-state.ts";
import type { PolicyReport } from "../../core/authority/policy/report.ts";
import type { PolicySet } from "../../core/authority/policy/rule.ts";
import type { Waiver } from "../../core/authority/policy/waivers.ts";
import type { Role } from "../../core/authority/people.ts";
import { principalText } from "../../core/authority/principal.ts";
import { type ApprovalDocument, type ApprovalRow, approvalDocument, approvalRow } from "../../core/commands/authority/approval-document.ts";
import { queueDocument } from "../../core/commands/authority/queue-document.ts";
import type { QueueDocument } from "../../core/commands/authority/queue.ts";
import { newestPlan, readPlan } from "../../core/run/requests.ts";
import type { Sources } from "../ports.ts";
import type { Topic } from "./topic.ts";

/** Who sits here, as the cluster sees them. */
export interface Myself {
  readonly person: string;
  /** How they are known: `local:ann`. */
  readonly principal: string;
  /** False without a people.yaml: then nobody else is asked. */
  readonly people: boolean;
  /** Roles for the whole cluster, and by deployment. */
  readonly roles: readonly Role[];
  readonly deployments: ReadonlyMap<string, readonly Role[]>;
}

/** Rights, links and people.yaml decide it. */
export const myselfTopic: Topic<Myself> = {
  key: "myself",
  load: ({ desks }) => readMyself(desks),
  touched: ({ type }) => type === "link.made" || type === "link.removed",
  ofFiles: true,
};

async function readMyself(desks: Sources["desks"]): Promise<Myself> {
  const authority = await desks.authority();
  const principal = principalText(desks.principal);
  const found = identify(authority, { principal });
  const person = found.allowed ? found.person : principal;
  if (authority.mode === "single-user") return { person, principal, people: false, roles: ["admin"], deployments: new Map() };
  const { cluster, deployments } = rolesOf(authority.people, person);
  return { person, principal, people: true, roles: cluster, deployments };
}

/** A request as a list shows it. */
export interface ApprovalEntry extends ApprovalRow {
  /** Whose vote would count now. */
  readonly mayVote: readonly string[];
}

/** All approval requests, newest first. Judged again now and then: they expire, and people.yaml may change. */
export const approvalsTopic: Topic<readonly ApprovalEntry[]> = {
  key: "approvals",
  async load({ desks }) {
    const states = (await listApprovals(desks.approvals)).toReversed();
    return await Promise.all(
      states.map(async (state): Promise<ApprovalEntry> => {
        if (state.end !== undefined) return { ...(await approvalRow(desks.approvals, state)), mayVote: [] };
        const document = await approvalDocument(desks.approvals, state, "shown");
        return { ...document, mayVote: [...new Set(document.requirements.flatMap(({ mayVote }) => mayVote))] };
      }),
    );
  },
  touched: ({ type }) => touchesApprovals(type),
  everyMs: 30_000,
  ofFiles: true,
};

/** One request, all of it. */
export function approvalTopic(request: string): Topic<ApprovalDocument> {
  return {
    key: `approval:${request}`,
    load: async ({ desks }) => await approvalDocument(desks.approvals, await readApproval(desks.approvals, request), "shown"),
    touched: ({ type }) => touchesApprovals(type),
    everyMs: 30_000,
    ofFiles: true,
  };
}

function touchesApprovals(type: string): boolean {
  return type.startsWith("approval.") || type === "link.made" || type === "link.removed";
}

/** The policy in force, how it judges, and what was waived. */
export interface PolicyView {
  readonly policy: PolicySet;
  readonly report: PolicyReport;
  /** The plan that was judged; without one the files were. */
  readonly plan: string | undefined;
  readonly waivers: readonly Waiver[];
}

/** Rules with their verdicts about the newest plan. */
export const policyTopic: Topic<PolicyView> = {
  key: "policy",
  async load({ desks }) {
    const [{ policy }, plan, waivers] = await Promise.all([desks.policy.current(), newestPlan(desks.store), desks.policy.waivers()]);
    const report = plan === undefined ? await desks.policy.judgeFiles([]) : await desks.policy.judgePlan(plan);
    return { policy, report, plan: plan?.id, waivers };
  },
  touched: ({ type }) => type === "plan.made" || type.startsWith("policy.") || type === "run.ended" || type === "node.seen",
  everyMs: 60_000,
  ofFiles: true,
};

/** What holds runs back, beside approvals and policy. */
export interface Holds {
  readonly locks: readonly Lock[];
  /** In force or ahead. */
  readonly freezes: readonly Freeze[];
  readonly queue: QueueDocument;
}

/** Locks, freezes and the queue. */
export const holdsTopic: Topic<Holds> = {
  key: "holds",
  async load(sources) {
    const { desks, clock } = sources;
    const windows = async (): Promise<Parameters<typeof freezesAhead>[1]> => (await sources.load()).cluster.freezes ?? [];
    const [locks, freezes, queue] = await Promise.all([readLocks(desks.store), readFreezes(desks.store), queueDocument(desks)]);
    const now = clock.now();
    return { locks: locksHeld(locks, now), freezes: freezesAhead(freezes, await windows(), now), queue };
  },
  touched: ({ type }) =>
    /^(?:lock|freeze|intent)\./u.test(type) || /^run\.(?:started|held|released|ended|handed)$/u.test(type) || touchesApprovals(type),
  everyMs: 30_000,
  ofFiles: true,
};

/** How the policy of now judges one plan. */
export function verdictTopic(plan: string): Topic<PolicyReport> {
  return {
    key: `verdict:${plan}`,
    load: async ({ desks }) => await desks.policy.judgePlan(await readPlan(desks.store, plan)),
    touched: ({ type }) => type.startsWith("policy."),
    ofFiles: true,
  };
}
