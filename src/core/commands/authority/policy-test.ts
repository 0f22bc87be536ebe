import { z } from "zod";
import type { PolicyFixtureResult } from "../../authority/policy/fixture.ts";
import { HalliganError } from "../../errors.ts";
import { defineCommand } from "../command.ts";

/** `policy test --json`. */
export interface PolicyTestDocument {
  readonly halligan: 1;
  readonly kind: "policy-test";
  readonly fixtures: readonly PolicyFixtureResult[];
  /** Rules of the cluster's own that no fixture expects anything of. */
  readonly untested: readonly string[];
  readonly summary: { readonly passed: number; readonly failed: number };
}

/** Runs the fixtures of rules. */
export const policyTestCommand = defineCommand({
  id: "policy test",
  area: "authority",
  summary: "Run the fixtures of the rules",
  details: `A fixture says: given these nodes, facts and roles, the rules judge so. Those in policy/fixtures/*.yaml beside the cluster file are run, or
the files that are named; neither store nor nodes are needed, and the cluster file is not read. Exit code 1 when one fails.`,
  args: () =>
    z.object({
      files: z.array(z.string()).default([]).describe("Fixture files; default: policy/fixtures/*.yaml"),
      shipped: z.boolean().default(false).describe("Run the fixtures of the rules that come with Halligan, too"),
    }),
  positionals: ["files"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It reads the files of whoever writes the rules." },
  examples: [
    { line: "halligan policy test", does: "runs policy/fixtures/*.yaml" },
    { line: "halligan policy test --shipped", does: "those of the rules that come with Halligan, too" },
  ],
  async run(context, { files, shipped }) {
    const [{ loadPolicy }, { runPolicyFixture }] = await Promise.all([
      import("../../authority/policy/load-policy.ts"),
      import("../../authority/policy/fixture.ts"),
    ]);
    const desk = await context.local.policy();
    const sources = await desk.sources();
    const { policy, problems } = loadPolicy(sources.shipped, sources.own);
    const [first, ...rest] = problems;
    if (first !== undefined) throw new HalliganError([first, ...rest]);
    if (policy === undefined) return { exit: 0, document: { halligan: 1, kind: "policy-test" } };
    const named = await Promise.all(files.map(async (file) => ({ file, text: await context.local.readText(file) })));
    const own = files.length > 0 ? named : await desk.fixtures("own");
    const engine = desk.engine();
    const fixtures: PolicyFixtureResult[] = [];
    try {
      for (const source of [...own, ...(shipped ? await desk.fixtures("shipped") : [])]) {
        context.signal.throwIfAborted();
        fixtures.push(await runPolicyFixture(source, policy, engine));
      }
    } finally {
      await engine.close();
    }
    const tested = new Set(fixtures.flatMap((each) => each.rules));
    const failed = fixtures.filter((each) => each.outcome === "failed").length;
    const document: PolicyTestDocument = {
      halligan: 1,
      kind: "policy-test",
      fixtures,
      untested: policy.rules.filter((each) => each.origin === "cluster" && !tested.has(each.id)).map((each) => each.id),
      summary: { passed: fixtures.length - failed, failed },
    };
    return { exit: failed === 0 ? 0 : 1, document: { ...document } };
  },
});
