import type { Cured, PolicyReport, Violation } from "../../authority/policy/report.ts";
import type { Waiver } from "../../authority/policy/waivers.ts";

/** How the policy judges, in `--json`: of a plan what it leaves behind, compared with what stands. */
export interface PolicyDocument {
  /** Of the policy files and the rules that came with Halligan. */
  readonly digest: string;
  /** Rules that were judged. */
  readonly rules: number;
  readonly summary: PolicyReport["summary"];
  /** What blocks first; at most 200. */
  readonly violations: readonly Violation[];
  /** Violations beyond those listed. */
  readonly more: number;
  readonly cured: readonly Cured[];
}

const mostViolations = 200;
const mostNodes = 50;

/** Makes the document of a report. */
export function documentPolicy({ digest, rules, summary, violations, cured }: PolicyReport): PolicyDocument {
  const listed = violations.slice(0, mostViolations).map((each) => ({ ...each, nodes: each.nodes.slice(0, mostNodes) }));
  return { digest, rules, summary, violations: listed, more: violations.length - listed.length, cured: cured.slice(0, mostViolations) };
}

/** One waiver in `--json`. Times are ms since the epoch. */
export interface WaiverRow {
  readonly rule: string;
  /** `null` = everywhere. */
  readonly node: string | null;
  readonly deployment: string | null;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  readonly until: number;
  /** False: it has expired and counts no more. */
  readonly inForce: boolean;
}

/** A waiver as documents show it. */
export function waiverRow({ rule, node, deployment, reason, by, at, until }: Waiver, now: number): WaiverRow {
  return { rule, node: node ?? null, deployment: deployment ?? null, reason, by, at, until, inForce: until > now };
}
