import { type Problem, problem } from "../../errors.ts";
import { mayBelieve, sorted } from "../../files/load-cluster.ts";
import { checkSchema } from "../../files/schema-problems.ts";
import { readYaml } from "../../files/yaml-tree.ts";
import { factsSchema } from "../../model/facts.ts";
import { suggestion } from "../../model/suggest.ts";
import type { Json } from "../../ports.ts";
import { fixtureWorlds } from "./fixture-worlds.ts";
import { type PolicyFixtureFile, policyFixtureSchema } from "./fixture-file.ts";
import type { PolicySource } from "./load-policy.ts";
import { reportOf, type PolicyReport } from "./report.ts";
import type { PolicySet, Rule } from "./rule.ts";
import type { PolicyEngine, RuleVerdict } from "./world.ts";

/** One thing that came out otherwise. */
export interface FixtureDifference {
  readonly rule: string;
  readonly expected: string;
  readonly actual: string;
}

/** How one fixture went. */
export interface PolicyFixtureResult {
  readonly file: string;
  readonly title: string | null;
  /** Rules that it expects something of. */
  readonly rules: readonly string[];
  readonly outcome: "passed" | "failed";
  readonly differences: readonly FixtureDifference[];
  readonly problems: readonly Problem[];
}

/** Reads a fixture and judges its world. Never throws for what is wrong with it. Problems: those of YAML and schema, `POLICY_RULE_UNKNOWN`. */
export async function runPolicyFixture(source: PolicySource, policy: PolicySet, engine: PolicyEngine): Promise<PolicyFixtureResult> {
  const read = readFixture(source, policy);
  const title = read.data?.title ?? null;
  if (read.data === undefined || read.problems.length > 0)
    return { file: source.file, title, rules: [], outcome: "failed", differences: [], problems: read.problems };
  const { data } = read;
  const { before, after, surroundings, problems } = fixtureWorlds(data, policy.settings, source.file);
  const wanted = Object.keys(data.expect);
  if (problems.length > 0) return { file: source.file, title, rules: wanted, outcome: "failed", differences: [], problems };
  const rules = policy.rules.filter((each) => wanted.includes(each.id)).map((each) => withParams(each, data));
  const verdicts = await engine.judge({ rules, surroundings, worlds: [before, after], deadlineMs: policy.settings.deadlineMs });
  const later = verdicts.flatMap((each) => each[1] ?? []);
  const report = reportOf({
    digest: "sha256:",
    rules,
    before: verdicts.flatMap((each) => each[0] ?? []),
    after: later,
    waivers: [],
    now: surroundings.now,
  });
  const differences = rules.flatMap((rule) =>
    compare(
      rule.id,
      data.expect[rule.id],
      later.find((each) => each.rule === rule.id),
      report,
    ),
  );
  return { file: source.file, title, rules: wanted, outcome: differences.length === 0 ? "passed" : "failed", differences, problems: [] };
}

function withParams(rule: Rule, { params }: PolicyFixtureFile): Rule {
  return { ...rule, params: { ...rule.params, ...(params?.[rule.id] as Readonly<Record<string, Json>> | undefined) } };
}

function readFixture(
  source: PolicySource,
  policy: PolicySet,
): { readonly data?: PolicyFixtureFile; readonly problems: readonly Problem[] } {
  const tree = readYaml(source.file, source.text);
  if (tree.value === undefined || tree.value === null)
    return {
      problems:
        tree.problems.length > 0 ? tree.problems : [problem("KEY_MISSING", { message: "The file is empty.", at: tree.valuePlace([]) })],
    };
  const { data, problems } = checkSchema(policyFixtureSchema, tree.value, tree);
  const found = [...tree.problems, ...problems.filter((each) => mayBelieve(tree, each))];
  const known = policy.rules.map((each) => each.id);
  for (const part of ["expect", "params"] as const) {
    for (const id of Object.keys(data?.[part] ?? {})) {
      if (!known.includes(id))
        found.push(
          problem("POLICY_RULE_UNKNOWN", {
            message: `There is no rule \`${id}\`.`,
            at: tree.keyPlace([part, id]),
            hint: suggestion(id, known),
          }),
        );
    }
  }
  const parts = Object.keys(factsSchema.shape);
  for (const [name, node] of Object.entries(data?.nodes ?? {})) {
    for (const part of Object.keys(node?.facts ?? {})) {
      if (!parts.includes(part))
        found.push(
          problem("KEY_UNKNOWN", {
            message: `\`${part}\` is not a part of facts.`,
            at: tree.keyPlace(["nodes", name, "facts", part]),
            hint: suggestion(part, parts),
          }),
        );
    }
  }
  return data === undefined ? { problems: sorted(found) } : { data, problems: sorted(found) };
}

const words = { fail: "fail", unknown: "unknown", error: "error" } as const;

function compare(
  rule: string,
  expected: PolicyFixtureFile["expect"][string] | undefined,
  verdict: RuleVerdict | undefined,
  report: PolicyReport,
): readonly FixtureDifference[] {
  if (expected === undefined || verdict === undefined) return [];
  const actual = worst(verdict);
  const told = verdict.findings.map((each) => `${bare(each.subject)}: ${each.message}`).slice(0, 3);
  const detail = told.length === 0 ? "" : ` (${told.join("; ")})`;
  const wish = typeof expected === "string" ? { outcome: expected } : expected;
  const differences: FixtureDifference[] = [];
  if (wish.outcome !== undefined && wish.outcome !== actual)
    differences.push({ rule, expected: wish.outcome, actual: `${actual}${detail}` });
  const lists: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(
      Object.values(words).map((word) => [word, verdict.findings.filter((each) => each.outcome === word).map((each) => each.subject)]),
    ),
    new: report.violations
      .filter((each) => each.rule === rule && each.change === "new" && each.outcome === "fail")
      .map((each) => each.subject),
    unchanged: report.violations.filter((each) => each.rule === rule && each.change === "unchanged").map((each) => each.subject),
    cured: report.cured.filter((each) => each.rule === rule).map((each) => each.subject),
  };
  for (const [name, found] of Object.entries(lists)) {
    const listed = wish[name as keyof typeof wish];
    if (!Array.isArray(listed)) continue;
    const [want, have] = [listed.map(bare).toSorted().join(", "), found.map(bare).toSorted().join(", ")];
    if (want !== have) differences.push({ rule, expected: `${name}: ${want || "nothing"}`, actual: `${name}: ${have || "nothing"}` });
  }
  const passes = "pass" in wish ? (wish.pass ?? []) : [];
  for (const each of passes) {
    const finding = verdict.findings.find((other) => bare(other.subject) === bare(each));
    if (finding !== undefined) differences.push({ rule, expected: `pass: ${bare(each)}`, actual: `${finding.outcome}: ${bare(each)}` });
  }
  const message = "message" in wish ? wish.message : undefined;
  if (message !== undefined && !verdict.findings.some((each) => each.message.includes(message)))
    differences.push({ rule, expected: `a message with "${message}"`, actual: told.join("; ") || "no finding" });
  return differences;
}

function worst({ findings, timedOut, passed }: RuleVerdict): string {
  if (timedOut) return "timeout";
  for (const outcome of ["error", "fail", "unknown"] as const) if (findings.some((each) => each.outcome === outcome)) return outcome;
  return passed > 0 ? "pass" : "skip";
}

/** `node:ctl-1` and `ctl-1` mean the same. */
function bare(subject: string): string {
  return subject.replace(/^(node|role):/u, "");
}
