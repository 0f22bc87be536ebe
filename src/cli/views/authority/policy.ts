import type { PolicyCheckDocument } from "../../../core/commands/authority/policy-check.ts";
import type { PolicyDocument, WaiverRow } from "../../../core/commands/authority/policy-document.ts";
import type { PolicyRuleDocument } from "../../../core/commands/authority/policy-explain.ts";
import type { PolicyListDocument, RuleRow } from "../../../core/commands/authority/policy-list.ts";
import type { PolicyTestDocument } from "../../../core/commands/authority/policy-test.ts";
import type { PolicyWaiverDocument } from "../../../core/commands/authority/policy-waive.ts";
import type { Violation } from "../../../core/authority/policy/report.ts";
import { count, listed } from "../../../core/words/count.ts";
import { durationWords, utcWords } from "../../../core/words/time.ts";
import { renderProblems } from "../../problems.ts";
import { type Paint, type Screen, table, wrapText } from "../../screen.ts";

/** Violations shown of one rule, and rules shown, before the rest is only counted. */
interface PolicyBounds {
  readonly perRule: number;
  readonly rules: number;
  /** Against what stands: violations that are not new say so. */
  readonly compared: boolean;
}

/** What a policy says, in a plan: nothing when there is nothing to say. */
export function policyLines(policy: PolicyDocument | undefined, screen: Screen, how: "whole" | "short" | "standing"): readonly string[] {
  if (policy === undefined || (policy.violations.length === 0 && policy.cured.length === 0)) return [];
  const bounds = {
    ...(how === "whole" ? { perRule: Infinity, rules: Infinity } : { perRule: 3, rules: 12 }),
    compared: how !== "standing",
  };
  return [
    `${screen.bold("Policy")}: ${summaryWords(policy, screen, bounds.compared)}`,
    ...violationLines(policy.violations, screen, bounds),
    ...curedLines(policy, screen),
    "",
  ];
}

function summaryWords({ summary, cured }: PolicyDocument, screen: Screen, compared: boolean): string {
  const { blocking, deny, warn, info, unknown, waived } = summary;
  const parts = [
    ...(deny > 0 ? [screen.red(`${deny} denied`)] : []),
    ...(warn > 0 ? [screen.yellow(count(warn, "warning"))] : []),
    ...(info > 0 ? [`${info} to know`] : []),
    ...(unknown > 0 ? [screen.cyan(`${unknown} unknown`)] : []),
    ...(waived > 0 ? [`${waived} waived`] : []),
    ...(cured.length > 0 ? [screen.green(`${cured.length} cured`)] : []),
  ];
  return `${parts.join(", ")}${blocking > 0 && compared ? screen.red("; it may not run like this") : ""}`;
}

function violationLines(violations: readonly Violation[], screen: Screen, bounds: PolicyBounds): readonly string[] {
  const rules = new Map<string, Violation[]>();
  for (const each of violations) rules.set(each.rule, [...(rules.get(each.rule) ?? []), each]);
  const shown = [...rules.values()].slice(0, bounds.rules);
  return [
    ...shown.flatMap((all) => {
      const alike = all.filter((each) => each.outcome === "unknown" && each.waived === undefined && each.nodes.length === 1);
      const told = alike.length > 1 ? all.filter((each) => !alike.includes(each)) : all;
      const rest = told.length - bounds.perRule;
      return [
        ...told.slice(0, bounds.perRule).flatMap((each) => violationLine(each, screen, bounds.compared)),
        ...(alike.length > 1 ? unknownLine(alike, screen) : []),
        ...(rest > 0 ? [screen.dim(`      and ${rest} more of ${all[0]?.rule ?? ""}`)] : []),
      ];
    }),
    ...(rules.size > shown.length
      ? [screen.dim(`  and ${count(rules.size - shown.length, "more rule", "more rules")}; \`halligan policy check\` shows them`)]
      : []),
  ];
}

/** Nodes of which the same is not known, in one line. */
function unknownLine(alike: readonly Violation[], screen: Screen): readonly string[] {
  const nodes = listed(alike.flatMap((each) => each.nodes));
  const stops = alike.some((each) => each.blocks) ? " (deny)" : "";
  const text = `unknown ${alike[0]?.rule ?? ""}${stops}: the facts that it reads are not known, or too old, on ${count(alike.length, "node")}: ${nodes}; \`halligan discover\` looks again`;
  const [first = "", ...more] = wrapText(text, Math.max(20, screen.width - 6));
  return [`  ${first.replace("unknown", screen.cyan("unknown"))}`, ...more.map((line) => `      ${line}`)];
}

function violationLine(each: Violation, screen: Screen, compared: boolean): readonly string[] {
  const { word, paint } = levelWord(each, screen);
  const waived =
    each.waived === undefined ? "" : ` (waived by ${each.waived.by} until ${utcWords(each.waived.until)}: ${each.waived.reason})`;
  const old = each.change === "unchanged" && compared ? ", as before" : "";
  const owner = each.owner === undefined || each.waived !== undefined ? "" : `; ask ${each.owner}`;
  // What is broken is told with what was judged: the message of the rule, which names it, could not be made.
  const about = each.outcome === "error" && each.waived === undefined ? `, ${subjectWords(each.subject)}` : "";
  const stops = each.blocks && each.outcome !== "fail" ? " (deny)" : "";
  const text = `${word} ${each.rule}${about}${stops}: ${each.message}${old}${waived}${owner}`;
  const [first = "", ...more] = wrapText(text, Math.max(20, screen.width - 6));
  return [`  ${first.replace(word, paint(word))}`, ...more.map((line) => `      ${line}`)];
}

/** `node:n1` is n1, `role:dock/quay` is dock/quay. */
function subjectWords(subject: string): string {
  return subject.slice(subject.indexOf(":") + 1);
}

function levelWord({ level, outcome, waived }: Violation, screen: Screen): { readonly word: string; readonly paint: Paint } {
  if (waived !== undefined) return { word: "waived", paint: screen.dim };
  if (outcome === "unknown") return { word: "unknown", paint: screen.cyan };
  if (outcome !== "fail") return { word: "broken", paint: screen.red };
  return { word: level, paint: level === "deny" ? screen.red : level === "warn" ? screen.yellow : screen.dim };
}

function curedLines({ cured }: PolicyDocument, screen: Screen): readonly string[] {
  return cured.slice(0, 5).map(({ rule, message }) => `  ${screen.green("cured")} ${rule}: ${message}`);
}

/** `policy check`. */
export function policyCheckView({ cluster, policy }: PolicyCheckDocument, screen: Screen): readonly string[] {
  if (policy.violations.length === 0 && policy.cured.length === 0)
    return [`${count(policy.rules, "rule")} judged for cluster ${cluster}: nothing to object.`];
  return [
    `${count(policy.rules, "rule")} judged for cluster ${cluster}.`,
    ...policyLines(policy, screen, "whole").slice(0, -1),
    ...(policy.more > 0 ? [screen.dim(`  and ${policy.more} more`)] : []),
    "",
    `Next: ${screen.bold(`halligan policy explain ${policy.violations[0]?.rule ?? policy.cured[0]?.rule ?? "RULE"}`)}`,
  ];
}

/** `policy list`. */
export function policyListView({ rules, waivers, at }: PolicyListDocument, screen: Screen): readonly string[] {
  const rows = table<RuleRow>(
    screen,
    [
      { title: "RULE", cell: (each) => each.rule },
      {
        title: "LEVEL",
        cell: (each) => (each.off ? "off" : each.level),
        paint: (each) => (each.off ? screen.dim : each.level === "deny" ? screen.red : each.level === "warn" ? screen.yellow : screen.dim),
      },
      { title: "SCOPE", cell: (each) => each.scope },
      { title: "APPLIES", cell: (each) => each.applies.join(", ") },
      { title: "OWNER", cell: (each) => each.owner ?? "" },
      { title: "FROM", cell: (each) => (each.origin === "shipped" ? "Halligan" : `${each.file}:${each.line}`), flexible: true },
    ],
    rules,
  );
  return [...rows, ...waiverLines(waivers, at, screen)];
}

function waiverLines(waivers: readonly WaiverRow[], at: number, screen: Screen): readonly string[] {
  if (waivers.length === 0) return [];
  const rows = table<WaiverRow>(
    screen,
    [
      { title: "WAIVED", cell: (each) => each.rule },
      { title: "WHERE", cell: (each) => each.node ?? each.deployment ?? "everywhere" },
      { title: "BY", cell: (each) => each.by },
      {
        title: "ENDS",
        cell: (each) => (each.inForce ? `in ${durationWords(each.until - at)}` : "expired"),
        paint: (each) => (each.inForce ? (text) => text : screen.dim),
      },
      { title: "REASON", cell: (each) => each.reason, flexible: true },
    ],
    waivers,
  );
  return ["", ...rows];
}

/** `policy explain`. */
export function policyRuleView(document: PolicyRuleDocument, screen: Screen): readonly string[] {
  const {
    rule,
    description,
    level,
    scope,
    applies,
    owner,
    off,
    origin,
    file,
    line,
    when,
    require,
    message,
    evidence,
    params,
    variables,
    violations,
    waivers,
    at,
  } = document;
  const indented = (text: string): readonly string[] =>
    text
      .trim()
      .split("\n")
      .map((each) => `    ${each.trim()}`);
  return [
    `${screen.bold(rule)}: ${off ? "off" : level}, for each ${scope}, judged on ${applies.join(", ")}${owner === null ? "" : `; owner ${owner}`}`,
    ...(description === null ? [] : wrapText(description, screen.width)),
    screen.dim(origin === "shipped" ? "It comes with Halligan; `tune:` in policy/*.yaml changes it." : `${file}:${line}`),
    "",
    ...(when === null ? [] : ["  when", ...indented(when)]),
    "  require",
    ...indented(require),
    "  message",
    ...indented(message),
    ...Object.entries(evidence).flatMap(([name, expression]) => [`  evidence ${name}`, ...indented(expression)]),
    ...(Object.keys(params).length === 0
      ? []
      : ["", "Parameters", ...Object.entries(params).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`)]),
    "",
    `It can read ${variables.map((each) => each.name).join(", ")}; docs/policy.md lists their fields.`,
    "",
    ...(violations.length === 0
      ? ["It finds nothing in what the files would leave behind."]
      : ["It finds", ...violations.flatMap((each) => violationLine(each, screen, false)), ...evidenceLines(violations, screen)]),
    ...waiverLines(waivers, at, screen),
  ];
}

function evidenceLines(violations: readonly Violation[], screen: Screen): readonly string[] {
  return violations.slice(0, 10).flatMap(({ subject, evidence }) =>
    Object.keys(evidence).length === 0
      ? []
      : [
          screen.dim(
            `  ${subject}: ${Object.entries(evidence)
              .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
              .join(", ")}`,
          ),
        ],
  );
}

/** `policy test`. */
export function policyTestView({ fixtures, untested, summary }: PolicyTestDocument, screen: Screen): readonly string[] {
  const lines = fixtures.flatMap((each) => [
    `${each.outcome === "passed" ? screen.green("passed") : screen.red("failed")} ${each.file}${each.title === null ? "" : `  ${screen.dim(each.title)}`}`,
    ...each.differences.map(({ rule, expected, actual }) => `    ${rule}: expected ${screen.green(expected)}, found ${screen.red(actual)}`),
    ...renderProblems(each.problems, screen).map((line) => `    ${line}`.trimEnd()),
  ]);
  const none = untested.map((rule) => `${screen.yellow("no fixture")} ${rule}`);
  if (fixtures.length === 0 && none.length === 0) return ["There are no fixtures: write them to policy/fixtures/*.yaml (docs/policy.md)."];
  return [...lines, ...none, "", `${summary.passed} passed, ${summary.failed === 0 ? "0 failed" : screen.red(`${summary.failed} failed`)}`];
}

/** `policy waive`. */
export function policyWaiverView({ waiver, ended, at }: PolicyWaiverDocument, screen: Screen): readonly string[] {
  const where = waiver.node === null ? (waiver.deployment === null ? "" : ` in deployment ${waiver.deployment}`) : ` on ${waiver.node}`;
  if (ended) return [`Rule ${waiver.rule} counts again${where}.`];
  return [
    `Rule ${waiver.rule} is waived${where} for ${durationWords(waiver.until - at)}: ${waiver.reason}`,
    `It is on record that you did. Next: ${screen.bold("halligan policy list")} shows all waivers.`,
  ];
}
