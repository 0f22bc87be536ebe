import { type ApprovalPolicy, type ApprovalRule, defaultApprovalRule } from "../model/approvals.ts";
import type { ApprovalRuleFile, ClusterFile } from "../model/cluster-file.ts";
import { parseDuration } from "../model/duration.ts";

type ApprovalsFile = NonNullable<NonNullable<ClusterFile["deployments"]>[string]["approvals"]>;

/** An `approvals` block with its defaults filled in. One that says nothing about plans in general asks for one person. */
export function loadApprovals(file: ApprovalsFile): ApprovalPolicy {
  const ttlMs = lifeMs(file.ttl) ?? defaultApprovalRule.ttlMs;
  const { destructive, pointOfNoReturn } = file;
  return {
    default: ruleOf(file.default ?? {}, ttlMs),
    ...(destructive === undefined ? {} : { destructive: ruleOf(destructive, ttlMs) }),
    ...(pointOfNoReturn === undefined ? {} : { pointOfNoReturn: ruleOf(pointOfNoReturn, ttlMs) }),
  };
}

function ruleOf(file: ApprovalRuleFile, ttlMs: number): ApprovalRule {
  const rule = typeof file === "number" ? { people: file } : file;
  return {
    people: rule.people ?? defaultApprovalRule.people,
    groups: [...new Set(rule.groups)].toSorted(),
    excludeAuthor: rule.excludeAuthor ?? defaultApprovalRule.excludeAuthor,
    excludeEditor: rule.excludeEditor ?? defaultApprovalRule.excludeEditor,
    ttlMs: lifeMs(rule.ttl) ?? ttlMs,
    stepUp: rule.stepUp ?? defaultApprovalRule.stepUp,
  };
}

function lifeMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
