import { z } from "zod";
import { defineCommand } from "../command.ts";

/** Plans a deployment back to what it was. */
export const rollbackCommand = defineCommand({
  id: "rollback",
  area: "day two",
  summary: "Plan a deployment back to an earlier applied revision",
  details: [
    "Makes a proposal that puts the deployment's block of the cluster file back, and the plan that comes of it; apply that plan once the proposal is committed. Who must approve stays as it is now.",
    "Where something beside the block made the difference (a barclamp, nodes, groups, common settings), the plan is made from the kept revision itself, for this deployment alone. It may be applied although the files say otherwise; it tells what they say, because the next plan would bring that about again.",
    "Approvals, locks, freezes and policy are those of any plan. Without --to: the newest revision that was applied in full before the present one and says something else of the deployment.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployment: z.string().describe("The deployment"),
      to: z.string().optional().describe("A run such as R-7 that applied what it shall be again, or a revision such as V-4"),
      commit: z.boolean().default(false).describe("Commit the proposal at once"),
    }),
  positionals: ["deployment"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan rollback web", does: "plans web back to what was applied before" },
    {
      line: "halligan rollback web --to R-7 --commit",
      does: "the cluster file says again what R-7 applied; the plan is ready to be applied",
    },
  ],
  async run(context, args) {
    const { rollback } = await import("./rollback-run.ts");
    return await rollback(context, args);
  },
});
