import { z } from "zod";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** Makes and runs a plan of what a run left undone. */
export const retryCommand = defineCommand({
  id: "retry",
  area: "plan and run",
  summary: "Do what a run left undone",
  details: [
    "Makes a new plan of the node-roles of that run that failed, were blocked or were not reached, and of what they wait for, which is looked at again. What the run finished stays as it is. The plan is shown, approved and run like any other; nothing is rerun blindly.",
    "The plan is made from the files as they are now, so a mended cluster file or barclamp is taken into account. The files may also have moved on: what they no longer place is left out.",
  ].join("\n\n"),
  args: () =>
    z.object({
      run: z.string().optional().describe("Run such as R-3; default: the last one that failed or was cancelled"),
      failed: z.boolean().default(false).describe("Only what failed itself, not what waited for it"),
      ...runOptions,
    }),
  positionals: ["run"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  chat: { takes: "cluster", always: { detach: true, wait: false } },
  follows: true,
  examples: [
    { line: "halligan retry", does: "plans what the last failed run left undone, asks, runs it" },
    { line: "halligan retry R-12 --failed", does: "only the node-roles of R-12 that failed themselves" },
    { line: "halligan retry R-12 --plan-only", does: "makes the plan; `halligan apply P-n` runs it" },
  ],
  async run(context, args) {
    const { retry } = await import("./retry-run.ts");
    return await retry(context, args);
  },
});
