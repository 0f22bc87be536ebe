import type { Problem } from "../errors.ts";
import type { ProofResult } from "../run/proving/outcome.ts";
import { outcomeWords } from "../words/proof-words.ts";
import { stampWords } from "../words/time.ts";
import type { VerifyDocument } from "./verify-document.ts";

interface Case {
  readonly suite: string;
  readonly group: string;
  readonly name: string;
  readonly durationMs: number;
  readonly end:
    | { readonly kind: "passed" }
    | { readonly kind: "failed"; readonly problem: Problem }
    | { readonly kind: "skipped"; readonly why: string };
}

/**
 * A verification as JUnit XML, the form that CI servers read: one suite per deployment with a case per proof, and one for what was only asked. What is
 * in texts can be anything, also what XML cannot hold: that is left out.
 */
export function junitText(document: VerifyDocument): string {
  const cases = [...askedCases(document), ...document.capabilities.map(proofCase)];
  const suites = [...Map.groupBy(cases, (each) => each.suite)].map(([name, all]) => [
    `  <testsuite${attributes({ name, ...totals(all), timestamp: stampWords(document.at).replace(" ", "T") })}>`,
    ...all.map(caseText),
    "  </testsuite>",
  ]);
  const head = { name: `halligan verify ${document.cluster}`, ...totals(cases), time: seconds(document.durationMs) };
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${attributes(head)}>`, ...suites.flat(), "</testsuites>", ""].join("\n");
}

function askedCases({ nodeRoles, problems }: VerifyDocument): readonly Case[] {
  return nodeRoles.map(({ id, ok, durationMs }): Case => {
    const [node, role = ""] = id.split("/");
    const found = problems.find(({ at }) => at !== undefined && "node" in at && at.node === node && (at.role ?? role) === role);
    const problem = found ?? problems[0];
    const end = ok || problem === undefined ? ({ kind: "passed" } as const) : ({ kind: "failed", problem } as const);
    return { suite: "verify", group: role, name: id, durationMs, end };
  });
}

function proofCase(result: ProofResult): Case {
  const { deployment, barclamp, role, capability, node, durationMs } = result;
  return { suite: deployment, group: `${barclamp}.${role}`, name: `${capability} on ${node}`, durationMs, end: endOf(result) };
}

function endOf(result: ProofResult): Case["end"] {
  switch (result.outcome) {
    case "proven":
      return { kind: "passed" };
    case "failed":
      return { kind: "failed", problem: result.problem };
    case "interrupted":
    case "not-tried":
      return { kind: "skipped", why: outcomeWords(result) };
    default:
      return result satisfies never;
  }
}

function caseText({ group, name, durationMs, end }: Case): string {
  const open = `    <testcase${attributes({ classname: group, name, time: seconds(durationMs) })}`;
  switch (end.kind) {
    case "passed":
      return `${open}/>`;
    case "skipped":
      return `${open}><skipped${attributes({ message: end.why })}/></testcase>`;
    case "failed": {
      const { code, message, cause, hint } = end.problem;
      const text = [message, ...(cause === undefined ? [] : [cause]), hint].join("\n");
      return `${open}><failure${attributes({ type: code, message })}>${escaped(text)}</failure></testcase>`;
    }
    default:
      return end satisfies never;
  }
}

function totals(cases: readonly Case[]): Readonly<Record<string, string>> {
  const number = (kind: Case["end"]["kind"]): string => String(cases.filter((each) => each.end.kind === kind).length);
  const time = seconds(cases.reduce((sum, each) => sum + each.durationMs, 0));
  return { tests: String(cases.length), failures: number("failed"), errors: "0", skipped: number("skipped"), time };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value).replaceAll(/[\t\n\r]/gu, (white) => `&#${white.charCodeAt(0)};`)}"`)
    .join("");
}

/** Text as XML 1.0 can hold it: https://www.w3.org/TR/xml/#charsets names the characters that it cannot. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}
