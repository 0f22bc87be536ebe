import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../../../src/core/authority/policy/load-policy.ts";

const shipped = {
  file: "shipped.yaml",
  text: `halligan: 1
rules:
  - { id: odd, scope: role, require: role.count % param.by == 1, level: warn, message: even, params: { by: 2, except: [], label: null } }
`,
};

function told(...texts: readonly string[]): readonly string[] {
  const { problems, policy } = loadPolicy(
    [shipped],
    texts.map((text, at) => ({ file: `p${at === 0 ? "" : at + 1}.yaml`, text })),
  );
  expect(policy === undefined).toBe(problems.length > 0);
  return problems.map(({ code, at, message }) =>
    at !== undefined && "line" in at ? `${at.file}:${at.line}:${at.column} ${code} ${message}` : code,
  );
}

describe("a policy file with faults", () => {
  test("tells all of them, each at its place, whatever way an expression is written", () => {
    expect(
      told(`halligan: 1
rules:
  - id: a
    scope: node
    when: "'x' in node.labls"
    require: >-
      facts.memory.totalBytes > 4 &&
      facts.dsks.size() > 1
    level: deny
    message: "{{ node.name }} has {{ facts.memory.total }}"
    evidence:
      mib: facts.memory.totalBytes / 'x'
  - id: b
    scope: role
    require: |
      role.count > 1 &&
        node.name == 'x'
    level: denied
    message: "{{ "
    owner: 7
  - id: c
    scope: network
    require: "true"
    level: info
    message: m
  - id: d
    scope: plan
    requires: "true"
    level: info
    message: m
  - { id: e, scope: plan, require: "1 + 1", level: info, message: m }
  - { id: f, scope: plan, require: "plan.changes > param.most", level: info, message: m, params: { mots: 1 } }
tune: { odd: { params: { by: three } } }
`),
    ).toEqual([
      "p.yaml:5:24 POLICY_RULE_INVALID Rule a, `when`: No such key: labls.",
      "p.yaml:8:13 POLICY_RULE_INVALID Rule a, `require`: No such key: dsks.",
      "p.yaml:10:51 POLICY_RULE_INVALID Rule a, `message`: No such key: total.",
      "p.yaml:12:12 POLICY_RULE_INVALID Rule a, `evidence.mib`: no such overload: int / string.",
      "p.yaml:17:9 POLICY_RULE_INVALID Rule b, `require`: Unknown variable: node.",
      "p.yaml:18:12 VALUE_INVALID `rules.1.level`: must be `deny` or `warn` or `info`, found `denied`.",
      "p.yaml:19:15 POLICY_RULE_INVALID Rule b: a `{{` of the message is never closed.",
      "p.yaml:20:12 VALUE_INVALID `rules.1.owner`: expected a text, found the number 7.",
      "p.yaml:22:12 LATER_STAGE The scope `network` belongs to a later version.",
      "p.yaml:26:5 KEY_MISSING `rules.3` has no `require` (a text).",
      "p.yaml:28:5 KEY_UNKNOWN `requires` is not a key in `rules.3`.",
      "p.yaml:31:37 POLICY_RULE_INVALID Rule e, `require`: the result is of type int, not bool.",
      "p.yaml:32:58 POLICY_RULE_INVALID Rule f, `require`: the rule has no parameter `most`.",
    ]);
  });

  test.each([
    [
      "rules:\n  - { id: odd, scope: plan, require: 'true', level: info, message: m }",
      ["p.yaml:3:11 POLICY_RULE_TWICE A rule `odd` comes with Halligan."],
    ],
    [
      "tune: { odd: { params: { by: three } } }",
      ["p.yaml:2:30 POLICY_PARAM_UNKNOWN The parameter `by` of rule odd is a number, not a text."],
    ],
    ["tune: { odd: { params: { bye: 3 } } }", ["p.yaml:2:26 POLICY_PARAM_UNKNOWN Rule odd has no parameter `bye`."]],
    ["tune: { od: off }", ["p.yaml:2:9 POLICY_RULE_UNKNOWN There is no rule `od` to tune."]],
    ["tune: { odd: never }", ["p.yaml:2:14 VALUE_INVALID `tune.odd`: must be `off` or `deny` or `warn` or `info`, found `never`."]],
    [
      "settings: { timezone: Mars/Base, deadline: 2h }",
      [
        "p.yaml:2:23 VALUE_INVALID `settings.timezone`: must be a time zone such as Europe/Berlin or UTC.",
        "p.yaml:2:44 VALUE_INVALID `settings.deadline`: must be from 50ms to 30s.",
      ],
    ],
  ] as const)("fault %#", (text, expected) => {
    expect(told(`halligan: 1\n${text}\n`)).toEqual(expected);
  });

  test("expressions that are too deep or too long are refused, in a moment", () => {
    for (const expression of [`${"[".repeat(60)}true${"]".repeat(60)} == []`, Array.from({ length: 1200 }, () => "true").join("&&")]) {
      const [only, ...more] = told(`halligan: 1\nrules:\n  - { id: x, scope: plan, require: "${expression}", level: info, message: m }\n`);
      expect(only).toContain("POLICY_RULE_INVALID Rule x, `require`");
      expect(more).toEqual([]);
    }
  });

  test("the same rule, tuning or setting in two files", () => {
    const one = `halligan: 1\nrules:\n  - { id: mine, scope: plan, require: "true", level: info, message: m }\ntune: { odd: off }\nsettings: { timezone: UTC }\n`;
    expect(told(one, one).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "p2.yaml:3:11 POLICY_RULE_TWICE",
      "p2.yaml:4:9 POLICY_RULE_TWICE",
      "p2.yaml:5:13 VALUE_INVALID",
    ]);
  });
});

test("a rule is tuned, switched off, and keeps what is not tuned", () => {
  const tune = (text: string) =>
    loadPolicy([shipped], [{ file: "p.yaml", text: `halligan: 1\ntune: { odd: ${text} }\n` }]).policy?.rules[0];
  expect(tune("off")).toMatchObject({ off: true, level: "warn", params: { by: 2 } });
  expect(tune("deny")).toMatchObject({ off: false, level: "deny" });
  expect(tune("{ params: { by: 3, label: x }, owner: ops, applies: [plan] }")).toMatchObject({
    off: false,
    level: "warn",
    owner: "ops",
    applies: ["plan"],
    params: { by: 3, label: "x", except: [] },
  });
});
