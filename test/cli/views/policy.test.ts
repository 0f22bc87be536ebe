import { expect, test } from "vitest";
import { policyCheckView, policyLines, policyTestView, policyWaiverView } from "../../../src/cli/views/authority/policy.ts";
import type { Violation } from "../../../src/core/authority/policy/report.ts";
import type { PolicyDocument } from "../../../src/core/commands/authority/policy-document.ts";
import { paper } from "./screens.ts";

const summary = { deny: 1, warn: 1, info: 0, unknown: 2, waived: 1, new: 2, cured: 1, unchanged: 1, blocking: 1 };

function violation(rule: string, more: Partial<Violation>): Violation {
  const base = { rule, level: "warn", outcome: "fail", change: "new", subject: "node:n1", message: "no", evidence: {} } as const;
  return { ...base, nodes: ["n1"], deployments: ["web"], blocks: false, ...more };
}

const policy: PolicyDocument = {
  digest: "sha256:01",
  rules: 5,
  summary,
  violations: [
    violation("vlan", { level: "deny", message: "VLAN 5000", blocks: true, owner: "net" }),
    violation("odd", { message: "2 members", change: "unchanged" }),
    violation("skew", { outcome: "unknown", nodes: ["n1"] }),
    violation("skew", { outcome: "unknown", nodes: ["n2"], subject: "node:n2" }),
    violation("old", { level: "deny", message: "old", waived: { by: "ann", reason: "lab", until: 1_795_253_400_000 } }),
  ],
  more: 0,
  cured: [{ rule: "rack", level: "warn", subject: "role:a/b", message: "one rack" }],
};

test("a plan shows what is denied, new, as before, unknown, waived and cured", () => {
  expect(policyLines(policy, paper, "short")).toEqual([
    "Policy: 1 denied, 1 warning, 2 unknown, 1 waived, 1 cured; it may not run like this",
    "  deny vlan: VLAN 5000; ask net",
    "  warn odd: 2 members, as before",
    "  unknown skew: the facts that it reads are not known, or too old, on 2 nodes: n1 and n2; `halligan discover` looks again",
    "  waived old: old (waived by ann until 2026-11-21 09:30 UTC: lab)",
    "  cured rack: one rack",
    "",
  ]);
  expect(policyLines(policy, paper, "standing")[2]).toBe("  warn odd: 2 members");
});

test("where there is nothing to say, nothing is said", () => {
  const clean = { ...policy, violations: [], cured: [] };
  expect(policyLines(clean, paper, "short")).toEqual([]);
  expect(policyLines(undefined, paper, "short")).toEqual([]);
  expect(policyCheckView({ halligan: 1, kind: "policy-check", cluster: "lab", deployments: [], policy: clean, at: 1 }, paper)).toEqual([
    "5 rules judged for cluster lab: nothing to object.",
  ]);
});

test("many violations of one rule are shortened in a plan, and all shown by check", () => {
  const many = { ...policy, cured: [], violations: Array.from({ length: 10 }, (_, at) => violation("odd", { message: `m${at}` })) };
  expect(policyLines(many, paper, "short").slice(1, 5)).toEqual([
    "  warn odd: m0",
    "  warn odd: m1",
    "  warn odd: m2",
    "      and 7 more of odd",
  ]);
  expect(policyLines(many, paper, "whole")).toHaveLength(12);
});

test("fixtures that failed show what differs; a waiver says what it does", () => {
  const fixture = { file: "f.yaml", title: "t", rules: ["odd"], outcome: "failed", problems: [] } as const;
  expect(
    policyTestView(
      {
        halligan: 1,
        kind: "policy-test",
        fixtures: [{ ...fixture, differences: [{ rule: "odd", expected: "fail", actual: "pass" }] }],
        untested: ["mine"],
        summary: { passed: 0, failed: 1 },
      },
      paper,
    ),
  ).toEqual(["failed f.yaml  t", "    odd: expected fail, found pass", "no fixture mine", "", "0 passed, 1 failed"]);
  const waiver = { rule: "odd", node: "n1", deployment: null, reason: "lab", by: "ann", at: 0, until: 7_200_000, inForce: true };
  expect(policyWaiverView({ halligan: 1, kind: "policy-waiver", waiver, ended: false, at: 0 }, paper)[0]).toBe(
    "Rule odd is waived on n1 for 2h 00m: lab",
  );
});

test("what is broken names what was judged, and what cannot be judged says when that stops a plan", () => {
  const violations = [
    violation("rack", { level: "deny", outcome: "error", message: "No such key: rack", blocks: true }),
    violation("skew", { level: "deny", outcome: "unknown", nodes: ["n1"], blocks: true }),
    violation("skew", { level: "deny", outcome: "unknown", nodes: ["n2"], subject: "node:n2", blocks: true }),
  ];
  const lines = policyLines({ ...policy, violations, cured: [] }, paper, "short");
  expect(lines[1]).toBe("  broken rack, n1 (deny): No such key: rack");
  expect(lines[2]).toContain("  unknown skew (deny): the facts that it reads are not known, or too old, on 2 nodes");
});
