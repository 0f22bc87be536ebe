import { type Problem, problem } from "../../errors.ts";
import type { Digest } from "../../model/ids.ts";
import type { EpochMs, Json } from "../../ports.ts";
import type { Level, Rule } from "./rule.ts";
import { covers, inForce, type Waiver } from "./waivers.ts";
import type { Finding, RuleVerdict } from "./world.ts";

/** One thing that does not hold, or of which nobody can say whether it holds. */
export interface Violation {
  readonly rule: string;
  readonly level: Level;
  readonly outcome: Finding["outcome"] | "timeout";
  /** Against the state before: `new` ones come with the plan. */
  readonly change: "new" | "unchanged";
  /** `node:ctl-1`, `role:identity/mariadb-server`, `plan`, or `rule` when the rule itself did not come to an end. */
  readonly subject: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, Json>>;
  readonly nodes: readonly string[];
  readonly deployments: readonly string[];
  readonly owner?: string;
  /** It does not hold, and somebody answers for that until then. */
  readonly waived?: { readonly by: string; readonly reason: string; readonly until: EpochMs };
  /** It stops a plan that changes something. */
  readonly blocks: boolean;
}

/** Something that did not hold and will, once the plan has run. */
export interface Cured {
  readonly rule: string;
  readonly level: Level;
  readonly subject: string;
  readonly message: string;
}

/** How the policy judges a plan, or what stands. */
export interface PolicyReport {
  /** Of the policy files and the rules that came with Halligan. */
  readonly digest: Digest;
  /** Rules that were judged. */
  readonly rules: number;
  readonly summary: {
    readonly deny: number;
    readonly warn: number;
    readonly info: number;
    readonly unknown: number;
    readonly waived: number;
    readonly new: number;
    readonly cured: number;
    readonly unchanged: number;
    /** Violations that stop the plan. */
    readonly blocking: number;
  };
  /** What blocks first, then by level, rule and subject. */
  readonly violations: readonly Violation[];
  readonly cured: readonly Cured[];
}

/** Compares how rules judge the state before with how they judge the state after. Pure. */
export function reportOf(options: {
  readonly digest: Digest;
  readonly rules: readonly Rule[];
  readonly before: readonly RuleVerdict[] | undefined;
  readonly after: readonly RuleVerdict[];
  readonly waivers: readonly Waiver[];
  readonly now: EpochMs;
}): PolicyReport {
  const { digest, rules, waivers, now } = options;
  const violations: Violation[] = [];
  const cured: Cured[] = [];
  const before = new Map(options.before?.map((each) => [each.rule, each]));
  const after = new Map(options.after.map((each) => [each.rule, each]));
  const active = inForce(waivers, now);
  for (const rule of rules) {
    const later = after.get(rule.id);
    const failed = new Map(
      before
        .get(rule.id)
        ?.findings.filter((each) => each.outcome === "fail")
        .map((each) => [each.subject, each]),
    );
    if (later?.timedOut === true) violations.push(timeout(rule, active));
    for (const finding of later?.findings ?? []) {
      violations.push(violationOf(rule, finding, options.before === undefined || failed.has(finding.subject), active));
      failed.delete(finding.subject);
    }
    if (later?.timedOut === true) continue;
    for (const { subject, message } of failed.values()) cured.push({ rule: rule.id, level: rule.level, subject, message });
  }
  const sorted = violations.toSorted((a, b) => rank(a) - rank(b) || compareText(a.rule, b.rule) || compareText(a.subject, b.subject));
  return { digest, rules: rules.length, summary: countsOf(sorted, cured.length), violations: sorted, cured };
}

function violationOf(rule: Rule, finding: Finding, wasThere: boolean, waivers: readonly Waiver[]): Violation {
  const waiver = waivers.find((each) => covers(each, rule.id, finding));
  return {
    rule: rule.id,
    level: rule.level,
    change: wasThere ? "unchanged" : "new",
    ...finding,
    ...(rule.owner === undefined ? {} : { owner: rule.owner }),
    ...(waiver === undefined ? {} : { waived: { by: waiver.by, reason: waiver.reason, until: waiver.until } }),
    blocks: rule.level === "deny" && waiver === undefined,
  };
}

/** A rule that did not come to an end says nothing about anything; a waiver of single nodes does not help. */
function timeout(rule: Rule, waivers: readonly Waiver[]): Violation {
  const finding = { subject: "rule", message: "the rule did not come to an end in time", evidence: {}, nodes: [], deployments: [] };
  return { ...violationOf(rule, { ...finding, outcome: "error" }, false, waivers), outcome: "timeout" };
}

function rank({ blocks, level, outcome }: Violation): number {
  return (blocks ? 0 : 10) + { deny: 0, warn: 2, info: 4 }[level] + (outcome === "fail" ? 0 : 1);
}

function countsOf(violations: readonly Violation[], cured: number): PolicyReport["summary"] {
  const open = violations.filter((each) => each.waived === undefined);
  const failed = (level: Level): number => open.filter((each) => each.level === level && each.outcome === "fail").length;
  return {
    deny: failed("deny"),
    warn: failed("warn"),
    info: failed("info"),
    unknown: open.filter((each) => each.outcome !== "fail").length,
    waived: violations.length - open.length,
    new: violations.filter((each) => each.change === "new" && each.outcome === "fail").length,
    cured,
    unchanged: violations.filter((each) => each.change === "unchanged" && each.outcome === "fail").length,
    blocking: violations.filter((each) => each.blocks).length,
  };
}

/** What stops a plan, one problem per rule. */
export function blockingProblems(report: PolicyReport): readonly Problem[] {
  const byRule = new Map<string, Violation[]>();
  for (const each of report.violations) {
    if (!each.blocks) continue;
    const list = byRule.get(each.rule);
    if (list === undefined) byRule.set(each.rule, [each]);
    else list.push(each);
  }
  return [...byRule].map(([rule, all]) => problemOf(rule, all));
}

function problemOf(rule: string, all: readonly Violation[]): Problem {
  const worst = all.find((each) => each.outcome === "fail") ?? all[0];
  const more = all.length > 1 ? ` (and ${all.length - 1} more)` : "";
  const message = `Rule ${rule}: ${worst?.message ?? ""}${more}.`;
  const owner = worst?.owner === undefined ? "" : ` Ask ${worst.owner} about the rule.`;
  const waive = `have an admin waive it: \`halligan policy waive ${rule} --reason TEXT --for 2h\`.${owner}`;
  const outcome = worst?.outcome ?? "fail";
  switch (outcome) {
    case "fail":
      return problem("POLICY_DENIED", {
        message,
        hint: `\`halligan policy explain ${rule}\` tells more. Change what it names, or ${waive}`,
      });
    case "unknown": {
      const nodes = [...new Set(all.flatMap((each) => each.nodes))];
      const which = nodes.length > 0 && nodes.length <= 5 ? ` ${nodes.join(" ")}` : "";
      return problem("POLICY_UNKNOWN", { message, hint: `Look again with \`halligan discover${which}\`, or ${waive}` });
    }
    case "error":
      return problem("POLICY_RULE_FAILED", { message, hint: `Correct the rule, or ${waive}` });
    case "timeout":
      return problem("POLICY_RULE_TIMEOUT", {
        message,
        hint: `Correct the rule, or tune it off under \`tune:\` in policy/*.yaml.${owner}`,
      });
    default:
      return outcome satisfies never;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
