import { expect, test } from "vitest";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import { runPolicyFixture } from "../../../../src/core/authority/policy/fixture.ts";
import { loadPolicy } from "../../../../src/core/authority/policy/load-policy.ts";

const { policy } = loadPolicy(
  [],
  [
    {
      file: "p.yaml",
      text: `halligan: 1
rules:
  - id: small
    scope: node
    when: size(node.roles) > 0
    require: facts.memory.totalBytes >= param.gib * GiB
    level: deny
    message: "{{ node.name }} is small"
    params: { gib: 4 }
`,
    },
  ],
);

async function run(text: string) {
  if (policy === undefined) throw new Error("the policy is not valid");
  return await runPolicyFixture({ file: "f.yaml", text }, policy, inProcessEngine);
}

const cluster = `
nodes:
  n[1-2]: { address: "10.0.0.[1-2]", facts: { memory: { totalBytes: 1073741824, swapBytes: 0 } } }
  n3: {}
roles: { web/nginx: { on: [n1, n3] } }
`;

test("what came out otherwise is told", async () => {
  const { outcome, differences } = await run(`${cluster}
expect: { small: { outcome: pass, fail: [n2], pass: [n1], message: tiny, cured: [], new: [n1] } }`);
  expect(outcome).toBe("failed");
  expect(differences.map(({ expected, actual }) => `${expected} | ${actual}`)).toEqual([
    "pass | fail (n1: n1 is small; n3: the facts that it reads are not known (n3: never seen))",
    "fail: n2 | fail: n1",
    "pass: n1 | fail: n1",
    'a message with "tiny" | n1: n1 is small; n3: the facts that it reads are not known (n3: never seen)',
  ]);
});

test.each([
  ["small: { fail: [n1], unknown: [n3], pass: [n2] }", "passed"],
  ["small: { unknown: [node:n3], fail: [node:n1] }", "passed"],
  ["small: fail", "passed"],
  ["small: unknown", "failed"],
  ["small: { fail: [] }", "failed"],
])("%s: %s", async (expectation, outcome) => {
  expect(await run(`${cluster}\nexpect: { ${expectation} }`)).toMatchObject({ outcome, problems: [] });
});

test("parameters of the fixture count, and what stood before is compared", async () => {
  const result = await run(`${cluster}
params: { small: { gib: 1 } }
before: { web/nginx: { on: n2 } }
expect: { small: { outcome: unknown, fail: [], new: [], unchanged: [], cured: [] } }`);
  expect(result.differences).toEqual([]);
});

test("faults of the file are told at their places", async () => {
  const { problems, outcome } = await run(`nodes:
  n1: { facts: { memry: {} } }
roles: { nginx: { on: all } }
expect: { smal: pass }
`);
  expect(outcome).toBe("failed");
  expect(problems.map(({ code, at }) => [code, at !== undefined && "line" in at ? at.line : 0])).toEqual([["VALUE_INVALID", 3]]);
  const again = await run("nodes: { n1: { facts: { memry: {} } } }\nroles: { web/nginx: { on: n9 } }\nexpect: { smal: pass }\n");
  expect(again.problems.map((each) => each.code)).toEqual(["KEY_UNKNOWN", "POLICY_RULE_UNKNOWN"]);
});
