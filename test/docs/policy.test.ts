import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcessEngine } from "../../src/core/authority/policy/engine.ts";
import { scopeTypes, scopeVariables } from "../../src/core/authority/policy/environment.ts";
import { policyFixtureSchema } from "../../src/core/authority/policy/fixture-file.ts";
import { runPolicyFixture } from "../../src/core/authority/policy/fixture.ts";
import { policyFunctions } from "../../src/core/authority/policy/functions.ts";
import { loadPolicy } from "../../src/core/authority/policy/load-policy.ts";
import { policyFileSchema } from "../../src/core/authority/policy/policy-file.ts";
import { keysAt } from "../../src/core/files/schema-keys.ts";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/policy.md"), "utf8");
const shipped = readdirSync(join(root, "policy"))
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => ({ file: name, text: readFileSync(join(root, "policy", name), "utf8") }));

/** Keys of the table below a heading. */
function tableBelow(heading: string): readonly string[] {
  const section = text.split(/^#+ /mu).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `([\w-]+)/gmu)].flatMap((match) => match[1] ?? []);
}

test("the tables have every key of the schemas and no other", () => {
  expect(tableBelow("Policy file")).toEqual(keysAt(policyFileSchema, []));
  expect(tableBelow("Rule").toSorted()).toEqual([...keysAt(policyFileSchema, ["rules", 0])].toSorted());
  expect(tableBelow("Policy fixture")).toEqual(keysAt(policyFixtureSchema, []));
});

test("every variable, field, function and shipped rule is there", () => {
  const variables = (["plan", "node", "role"] as const).flatMap((scope) => Object.keys(scopeVariables(scope)));
  const names = [...variables, ...Object.values(scopeTypes()).flatMap((fields) => Object.keys(fields))];
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  expect(policyFunctions.filter(({ name, does }) => !text.includes(`| \`${name}(`) || !text.includes(does))).toEqual([]);
  const rules = loadPolicy(shipped, []).policy?.rules ?? [];
  expect(tableBelow("Rules that come with Halligan")).toEqual(rules.map((rule) => rule.id));
});

test("the example works and its fixture passes", async () => {
  const [rule = "", fixture = ""] = [...text.matchAll(/```yaml\n([\s\S]*?)```/gu)].flatMap((match) => match[1] ?? []);
  const { policy, problems } = loadPolicy(shipped, [{ file: "policy/site.yaml", text: rule }]);
  expect(problems).toEqual([]);
  if (policy === undefined) return;
  expect(await runPolicyFixture({ file: "f.yaml", text: fixture }, policy, inProcessEngine)).toMatchObject({
    outcome: "passed",
    problems: [],
  });
});
