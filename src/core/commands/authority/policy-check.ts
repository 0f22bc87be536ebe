import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { PolicyDocument } from "./policy-document.ts";

/** `policy check --json`. */
export interface PolicyCheckDocument {
  readonly halligan: 1;
  readonly kind: "policy-check";
  readonly cluster: string;
  readonly deployments: readonly string[];
  readonly policy: PolicyDocument;
  readonly at: number;
}

/** Judges what the files would leave behind, without asking nodes. */
export const policyCheckCommand = defineCommand({
  id: "policy check",
  area: "authority",
  summary: "Judge by rules what the files would leave behind",
  details: [
    "Judges the cluster as the files would make it, with the facts that are known, and compares it with what stands: new, cured and unchanged violations. No node is asked. Facts that are missing or too old make a rule unknown, never pass.",
    "Rules about the plan itself (how many members change at once, what is destroyed) are judged by `plan`. Exit code 3 when something of level deny is neither cured nor waived.",
  ].join("\n\n"),
  args: () => z.object({ deployments: z.array(z.string()).default([]).describe("Deployments to judge; default: all") }),
  positionals: ["deployments"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan policy check", does: "judges everything" },
    { line: "halligan policy check web --json", does: "deployment web as one JSON document" },
  ],
  async run(context, { deployments }) {
    const [{ documentPolicy }, { knownDeployments }] = await Promise.all([import("./policy-document.ts"), import("./coverage.ts")]);
    const house = await context.house();
    await knownDeployments(house, deployments);
    const { cluster } = await house.load();
    const report = await house.policy.judgeFiles(deployments);
    const document: PolicyCheckDocument = {
      halligan: 1,
      kind: "policy-check",
      cluster: cluster.name,
      deployments,
      policy: documentPolicy(report),
      at: house.clock.now(),
    };
    return { exit: report.summary.blocking > 0 ? 3 : 0, document: { ...document } };
  },
});
