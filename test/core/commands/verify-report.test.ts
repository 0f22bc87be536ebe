import { describe, expect, test } from "vitest";
import { verifyDocument, verifyExit } from "../../../src/core/commands/verify-document.ts";
import { reportFormat, reportText } from "../../../src/core/commands/verify-report.ts";
import { problem } from "../../../src/core/errors.ts";
import type { ProofOutcome, ProofResult } from "../../../src/core/run/proving/outcome.ts";

const proof = (
  capability: string,
  told: ProofOutcome,
  parts: Partial<Pick<ProofResult, "node" | "means" | "deployment">> = {},
): ProofResult => ({
  capability,
  means: "Rows are written and read back.",
  barclamp: "mariadb",
  role: "galera",
  deployment: "db",
  node: "n1",
  per: "deployment",
  durationMs: 1234,
  steps: [],
  ...parts,
  ...told,
});

const hostile = `]]> <b a="1">&amp;'\u0000\u001b[31m\uFFFE\uD800 | \`x\` [l](j:x)\nnext`;
const failed = problem("PROOF_FAILED", { message: `sql-rows-return: ${hostile}`, at: { node: "n1", role: "galera" }, cause: hostile });
const document = verifyDocument({
  cluster: `lab "<>&`,
  at: Date.UTC(2026, 10, 21, 15, 4, 5),
  durationMs: 61_000,
  verified: [
    { id: "n1/galera", durationMs: 40 },
    { id: "n2/galera", durationMs: 50, problem: problem("VERIFY_FAILED", { message: "it is alone", at: { node: "n2", role: "galera" } }) },
  ],
  proofs: [
    proof("sql-rows-return", { outcome: "failed", problem: failed }, { deployment: hostile, means: hostile }),
    proof("sql-members-agree", { outcome: "proven" }),
    proof("app-pages-answer", { outcome: "not-tried", why: "needs", needs: "sql-rows-return" }),
    proof("app-carts-fill", { outcome: "interrupted" }),
  ],
});

describe("reports of a verification", () => {
  test("the file's name says which", () => {
    expect([reportFormat("a.md"), reportFormat("/x/b.JSON"), reportFormat("c.d.xml")]).toEqual(["markdown", "json", "junit"]);
    expect(() => reportFormat("a.html")).toThrow("USAGE");
    expect(() => reportFormat("xml")).toThrow("USAGE");
  });

  test("JUnit holds whatever texts hold, without a character that XML has not", () => {
    const text = reportText("junit", document);
    expect(text).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
    const told = "]]&gt; &lt;b a=&quot;1&quot;&gt;&amp;amp;&apos;[31m | `x` [l](j:x)";
    const cases = text.split("\n    <testcase").map((each) => each.split("\n  <")[0]);
    expect(text).toContain(
      '<testsuites name="halligan verify lab &quot;&lt;&gt;&amp;" tests="6" failures="2" errors="0" skipped="2" time="61.000">',
    );
    expect(text).toContain(
      `<testsuite name="${told}&#10;next" tests="1" failures="1" errors="0" skipped="0" time="1.234" timestamp="2026-11-21T15:04:05">`,
    );
    expect(cases).toEqual(
      expect.arrayContaining([
        ' classname="galera" name="n1/galera" time="0.040"/>',
        ' classname="mariadb.galera" name="sql-members-agree on n1" time="1.234"/>',
        ' classname="mariadb.galera" name="app-pages-answer on n1" time="1.234"><skipped message="not tried: sql-rows-return was not proven"/></testcase>',
        expect.stringContaining(
          `<failure type="PROOF_FAILED" message="sql-rows-return: ${told}&#10;next">sql-rows-return: ${told}\nnext\n${told}\nnext\n`,
        ),
        expect.stringContaining('name="n2/galera" time="0.050"><failure type="VERIFY_FAILED" message="it is alone">'),
      ]),
    );
    // Every tag is one of ours, and every one that is opened is closed.
    const tags = [...text.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/gu)].filter(([, , , alone]) => alone === "");
    const open: string[] = [];
    for (const [, end, name = ""] of tags) {
      if (end === "") open.push(name);
      else if (open.at(-1) === name) open.pop();
      else open.push(`/${name}`);
    }
    expect(open).toEqual([]);
  });

  test("Markdown keeps texts in their cells, and what steps printed in a fence", () => {
    const text = reportText("markdown", document);
    expect(text).toContain("1 of 2 node-roles work; 1 proof given, 1 failed, 2 not tried or not ended.");
    expect(text).toContain("| `sql-members-agree` | Rows are written and read back. | db | n1 | proven | 1.2s |");
    const row = text.split("\n").find((line) => line.startsWith("| `sql-rows-return`"));
    expect(row?.match(/(?<!\\)\|/gu)).toHaveLength(7);
    expect(row).not.toMatch(/<b|\u001b|\u0000/u);
    expect(text).toContain("| n2/galera | failed | 0.1s |");
  });

  test("JSON is the document", () => {
    expect(JSON.parse(reportText("json", document))).toEqual(JSON.parse(JSON.stringify(document)));
    expect(document.counts).toEqual({ proven: 1, failed: 1, notTried: 1, interrupted: 1 });
    expect(document.problems.map((each) => each.code)).toEqual(["VERIFY_FAILED", "PROOF_FAILED"]);
  });
});

test("the exit code: who left, then what failed, then what was asked for by name", () => {
  const of = (...proofs: readonly ProofResult[]) => verifyDocument({ cluster: "c", at: 0, durationMs: 0, verified: [], proofs });
  const idle = proof("b-b", { outcome: "not-tried", why: "not-active" });
  expect(verifyExit(document, [])).toBe(6);
  expect(verifyExit(of(proof("a-a", { outcome: "failed", problem: failed })), [])).toBe(1);
  expect(verifyExit(of(proof("a-a", { outcome: "proven" }), idle), [])).toBe(0);
  expect(verifyExit(of(idle), ["b-b"])).toBe(1);
  expect(verifyExit(of(proof("b-b", { outcome: "proven" }), idle), ["b-b"])).toBe(0);
});
