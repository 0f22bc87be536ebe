import { z } from "zod";
import { defineCommand } from "./command.ts";

/** Shows every diff of a plan. */
export const diffCommand = defineCommand({
  id: "diff",
  area: "plan and run",
  summary: "Show every change of a plan with its full diff",
  details:
    "With a plan's id, that plan as it was made; else a new plan of these deployments (default: all). `plan` shows the same, but shortens what is long. The JSON document is that of `plan`, with kind `diff`.",
  args: () =>
    z.object({ targets: z.array(z.string()).default([]).describe("A plan such as P-7, or deployments; default: all deployments") }),
  positionals: ["targets"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan diff P-7", does: "shows all of plan P-7" },
    { line: "halligan diff web", does: "plans deployment web and shows every diff" },
  ],
  async run(context, { targets }) {
    const { documentPlan } = await import("./plan-document.ts");
    const { exitOf, namedPlan } = await import("./planning.ts");
    const house = await context.house();
    const { plan, stored } = await namedPlan(context, house, targets);
    const policy = await house.policy.judgePlan(plan);
    return { exit: stored ? 0 : exitOf(plan.body.problems, policy), document: { ...documentPlan(plan, policy), kind: "diff" } };
  },
});
