import { z } from "zod";
import type { WaiverScope } from "../../authority/policy/waivers.ts";
import { fail } from "../../errors.ts";
import { suggestion } from "../../model/suggest.ts";
import { defineCommand } from "../command.ts";
import type { WaiverRow } from "./policy-document.ts";

/** `policy waive --json`. */
export interface PolicyWaiverDocument {
  readonly halligan: 1;
  readonly kind: "policy-waiver";
  readonly waiver: WaiverRow;
  /** True when it was ended by this command. */
  readonly ended: boolean;
  readonly at: number;
}

const longestMs = 90 * 86_400_000;

/** Waives a rule for a while. */
export const policyWaiveCommand = defineCommand({
  id: "policy waive",
  area: "authority",
  summary: "Answer for a rule that does not hold, for a while",
  details: [
    "While a waiver is in force, what the rule finds is shown and stops nothing. With --node or --deployment it covers only what concerns that node or that deployment alone; else the rule as a whole. An expired waiver counts no more: a run that it let start is held before its next batch.",
    "--end ends a waiver before its time. A waiver needs the role admin.",
  ].join("\n\n"),
  args: () =>
    z.object({
      rule: z.string().min(1).describe("Rule"),
      node: z.string().min(1).optional().describe("Only what concerns this node"),
      deployment: z.string().min(1).optional().describe("Only what concerns this deployment"),
      reason: z.string().trim().min(1).max(500).optional().describe("Why, for everybody who reads the plan"),
      for: z.string().optional().describe("How long, such as 2h; at most 90d"),
      end: z.boolean().default(false).describe("End the waiver now"),
    }),
  positionals: ["rule"],
  risk: "change",
  needs: "administer",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    {
      line: 'halligan policy waive odd-quorum --deployment db --reason "third node comes on Monday" --for 4d',
      does: "lets deployment db go on with two members",
    },
    { line: "halligan policy waive odd-quorum --deployment db --end", does: "ends that waiver" },
  ],
  async run(context, { rule, node, deployment, reason, for: duration, end }) {
    if (node !== undefined && deployment !== undefined) throw fail("USAGE", { message: "Name a node or a deployment, not both." });
    if (end ? reason !== undefined || duration !== undefined : reason === undefined || duration === undefined)
      throw fail("USAGE", {
        message: end ? "--end takes neither --reason nor --for." : "A waiver needs a reason and an end: --reason TEXT and --for DURATION.",
      });
    const [{ waiverRow }, { typedDuration, knownDeployments }, { endWaiver, grantWaiver }] = await Promise.all([
      import("./policy-document.ts"),
      import("./coverage.ts"),
      import("../../authority/policy/waivers.ts"),
    ]);
    const house = await context.house();
    const at = house.clock.now();
    const waivers = await house.policy.waivers();
    const scope: WaiverScope = { rule, ...(node === undefined ? {} : { node }), ...(deployment === undefined ? {} : { deployment }) };
    const present = waivers.find((each) => each.rule === rule && each.node === node && each.deployment === deployment && each.until > at);
    if (end) {
      if (present === undefined) throw fail("WAIVER_UNKNOWN", { message: `No waiver of rule ${rule} is in force${whereWords(scope)}.` });
      await endWaiver(house.store, scope, context.by);
      const document: PolicyWaiverDocument = {
        halligan: 1,
        kind: "policy-waiver",
        waiver: waiverRow({ ...present, until: at }, at),
        ended: true,
        at,
      };
      return { exit: 0, document: { ...document } };
    }
    const { policy } = await house.policy.current();
    if (!policy.rules.some((each) => each.id === rule))
      throw fail("POLICY_RULE_UNKNOWN", {
        message: `There is no rule \`${rule}\`.`,
        hint: suggestion(
          rule,
          policy.rules.map((each) => each.id),
        ),
      });
    const { cluster } = await house.load();
    if (node !== undefined && !cluster.nodes.some((each) => each.name === node))
      throw fail("NODE_UNKNOWN", {
        message: `There is no node ${node} in the cluster file.`,
        hint: suggestion(
          node,
          cluster.nodes.map((each) => each.name),
        ),
      });
    if (deployment !== undefined) await knownDeployments(house, [deployment]);
    const forMs = typedDuration("--for", duration ?? "");
    if (forMs <= 0 || forMs > longestMs) throw fail("USAGE", { message: "--for takes a duration of at most 90d, such as 2h or 4d." });
    const waiver = { ...scope, reason: reason ?? "", by: context.by, until: at + forMs };
    await grantWaiver(house.store, waiver);
    const document: PolicyWaiverDocument = {
      halligan: 1,
      kind: "policy-waiver",
      waiver: waiverRow({ ...waiver, at }, at),
      ended: false,
      at,
    };
    return { exit: 0, document: { ...document } };
  },
});

function whereWords({ node, deployment }: WaiverScope): string {
  return node === undefined ? (deployment === undefined ? "" : ` in deployment ${deployment}`) : ` on ${node}`;
}
