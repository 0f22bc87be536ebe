import { z } from "zod";
import type { Violation } from "../../authority/policy/report.ts";
import { fail } from "../../errors.ts";
import { suggestion } from "../../model/suggest.ts";
import type { Json } from "../../ports.ts";
import { defineCommand } from "../command.ts";
import type { WaiverRow } from "./policy-document.ts";
import type { RuleRow } from "./policy-list.ts";

/** `policy explain RULE --json`. */
export interface PolicyRuleDocument extends RuleRow {
  readonly halligan: 1;
  readonly kind: "policy-rule";
  readonly description: string | null;
  /** Expressions as written; `message` with its `{{ }}`. */
  readonly when: string | null;
  readonly require: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, Json>>;
  /** What expressions of its scope can read. */
  readonly variables: readonly { readonly name: string; readonly type: string; readonly means: string }[];
  /** How it judges what the files would leave behind. */
  readonly violations: readonly Violation[];
  readonly waivers: readonly WaiverRow[];
  readonly at: number;
}

/** Explains one rule. */
export const policyExplainCommand = defineCommand({
  id: "policy explain",
  area: "authority",
  summary: "Explain a rule: what it says, what it can see, how it judges now",
  args: () => z.object({ rule: z.string().min(1).describe("Rule") }),
  positionals: ["rule"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan policy explain odd-quorum", does: "the rule, its parameters and what it finds" }],
  async run(context, { rule: id }) {
    const [{ waiverRow }, { scopeVariables }] = await Promise.all([
      import("./policy-document.ts"),
      import("../../authority/policy/environment.ts"),
    ]);
    const house = await context.house();
    const { policy } = await house.policy.current();
    const rule = policy.rules.find((each) => each.id === id);
    if (rule === undefined)
      throw fail("POLICY_RULE_UNKNOWN", {
        message: `There is no rule \`${id}\`.`,
        hint: suggestion(
          id,
          policy.rules.map((each) => each.id),
        ),
      });
    const at = house.clock.now();
    const report = await house.policy.judgeFiles([]);
    const document: PolicyRuleDocument = {
      halligan: 1,
      kind: "policy-rule",
      rule: rule.id,
      description: rule.description ?? null,
      level: rule.level,
      scope: rule.scope,
      applies: rule.applies,
      origin: rule.origin,
      off: rule.off,
      owner: rule.owner ?? null,
      file: rule.place.file,
      line: rule.place.line,
      when: rule.when ?? null,
      require: rule.require,
      message: rule.message.map((piece) => ("text" in piece ? piece.text : `{{ ${piece.expression} }}`)).join(""),
      evidence: Object.fromEntries(rule.evidence),
      params: rule.params,
      variables: Object.entries(scopeVariables(rule.scope)).map(([name, [type, means]]) => ({ name, type, means })),
      violations: report.violations.filter((each) => each.rule === id).slice(0, 200),
      waivers: (await house.policy.waivers()).filter((each) => each.rule === id && each.until > at).map((each) => waiverRow(each, at)),
      at,
    };
    return { exit: 0, document: { ...document } };
  },
});
