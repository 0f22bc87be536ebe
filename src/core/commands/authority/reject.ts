import { z } from "zod";
import { defineCommand } from "../command.ts";

/** Rejects a plan. */
export const rejectCommand = defineCommand({
  id: "reject",
  area: "authority",
  summary: "Reject a plan that waits for approval",
  details:
    "One rejection blocks the plan, however many approve, until it is taken back (`halligan withdraw A-n`). A run that uses the request already starts nothing more.",
  args: () =>
    z.object({
      request: z.string().describe("The request, such as A-3"),
      reason: z.string().trim().min(1).max(500).describe("Why, for whoever made the plan"),
    }),
  positionals: ["request"],
  risk: "change",
  needs: "approve",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: 'halligan reject A-3 --reason "not before the backup"', does: "A-3's plan does not run" }],
  async run(context, { request, reason }) {
    const { rejectRequest } = await import("./vote.ts");
    return await rejectRequest(context, request, reason);
  },
});
