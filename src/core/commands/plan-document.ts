import type { Holdup } from "../authority/gate.ts";
import type { PolicyReport } from "../authority/policy/report.ts";
import type { Problem } from "../errors.ts";
import { compareNatural } from "../model/natural-order.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Action, Because, Change, Plan, PlannedNodeRole, PlannedSecret, Purpose } from "../model/plan.ts";
import { type BlastRadius, type PlanSummary, blastRadius, criticalPath, planDocument } from "../plan/summary.ts";
import { batchSizes } from "../run/schedule.ts";
import { type PolicyDocument, documentPolicy } from "./authority/policy-document.ts";

/** `plan --json`. Everything up to `problems` is the interface that issue and protocol fix; what follows was added for readers. */
export interface PlanDocument {
  readonly halligan: 1;
  readonly kind: "plan";
  readonly id: string;
  readonly digest: string;
  readonly cluster: string;
  readonly deployments: readonly string[];
  /** What it is for, when it is about less, or other things, than the files say of its deployments. */
  readonly purpose?: Purpose;
  /** The open proposal that it was made with: to be committed before the plan may be applied. */
  readonly proposal?: string;
  readonly summary: PlanSummary;
  readonly nodeRoles: readonly DocumentedNodeRole[];
  readonly problems: readonly Problem[];
  /** What works and should be changed: settings that were carried over, what is deprecated. Absent where there is nothing. */
  readonly notices?: readonly Problem[];
  /** What the plan touches. */
  readonly reach: BlastRadius;
  /** The critical path: the longest chain of node-roles that wait for each other, counted in steps. */
  readonly criticalPath: readonly NodeRoleId[];
  /** How rules judge it: what it leaves behind, compared with what stands. Absent where that was not asked. */
  readonly policy?: PolicyDocument;
  /** What would stand in the way of its run now: approvals, locks, freezes. Absent where that was not asked. */
  readonly gates?: readonly { readonly kind: Holdup["kind"]; readonly problem: Problem; readonly until?: number }[];
  /** Roles that are rolled out in batches. */
  readonly rollouts: readonly { readonly deployment: string; readonly role: string; readonly members: number; readonly batch: number }[];
}

/** One node-role in `plan --json`. */
export interface DocumentedNodeRole {
  readonly id: NodeRoleId;
  readonly node: string;
  readonly role: string;
  readonly cohort: number;
  readonly action: Action;
  readonly steps: readonly {
    readonly id: string;
    readonly kind: string;
    readonly label: string;
    readonly change: Change;
    readonly diff?: string;
  }[];
  /** Secrets that it uses; `was`: the version that stands on the node, when it is another one. */
  readonly secrets?: readonly PlannedSecret[];
  /** Why it is changed. */
  readonly because?: readonly Because[];
  readonly blocked?: Problem;
}

/** Makes the document of a plan. */
export function documentPlan(plan: Plan, policy?: PolicyReport, gates?: readonly Holdup[]): PlanDocument {
  const acting = {
    ...plan.body,
    nodeRoles: plan.body.nodeRoles.map((each) => (each.blocked === undefined ? each : { ...each, action: "skip" as const })),
  };
  const reach = blastRadius(acting);
  return {
    ...(planDocument(plan) as Omit<PlanDocument, "reach" | "criticalPath" | "rollouts">),
    ...(gates === undefined
      ? {}
      : { gates: gates.map(({ kind, problem, until }) => ({ kind, problem, ...(until === undefined ? {} : { until }) })) }),
    reach: { ...reach, nodes: reach.nodes.toSorted(compareNatural) },
    criticalPath: criticalPath(acting, (each) => Math.max(1, each.steps.length)).path,
    rollouts: rollouts(acting.nodeRoles),
    ...(policy === undefined ? {} : { policy: documentPolicy(policy) }),
  };
}

/** True when a run of the plan would touch nothing: every node-role is as it should be, or blocked. */
export function isEmpty(plan: Plan): boolean {
  return plan.body.nodeRoles.every((each) => each.action === "skip" || each.blocked !== undefined);
}

function rollouts(nodeRoles: readonly PlannedNodeRole[]): PlanDocument["rollouts"] {
  const groups = new Map<string, PlannedNodeRole[]>();
  for (const each of nodeRoles) {
    const key = `${each.deployment}\n${each.role}\n${each.action === "remove"}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    const members = all.filter((each) => each.action !== "skip").length;
    const { later } = batchSizes(all);
    return first === undefined || members < 2 || later >= members
      ? []
      : [{ deployment: first.deployment, role: first.role, members, batch: later }];
  });
}
