import { z } from "zod";
import { fail } from "../errors.ts";
import { ask } from "./asked.ts";
import { defineCommand } from "./command.ts";

/** Cancels a run in one of three strengths. */
export const cancelCommand = defineCommand({
  id: "cancel",
  area: "plan and run",
  summary: "End a run early",
  details: [
    "Nothing new is started. What runs on nodes is left to finish its present step (default), told to end and killed after 10 s (`--now`), or left alone and given up (`--abandon`).",
    "After `--now` and the default, the journal says which steps were done. After `--abandon`, node-roles that were running count as unknown; `halligan plan` shows what is left to do.",
  ].join("\n\n"),
  args: () =>
    z.object({
      run: z.string().optional().describe("A run such as R-3; default: the one that is going on"),
      now: z.boolean().default(false).describe("Tell running steps to end; kill them after 10 s"),
      abandon: z.boolean().default(false).describe("Tell the nodes nothing; for nodes that do not answer"),
    }),
  positionals: ["run"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan cancel", does: "ends the run that is going on after its present steps" },
    { line: "halligan cancel R-3 --now", does: "ends R-3 at once" },
  ],
  run(context, { run, now, abandon }) {
    if (now && abandon) throw fail("USAGE", { message: "Give --now or --abandon, not both." });
    return ask(context, run, { kind: "cancel", how: abandon ? "abandon" : now ? "now" : "after-step" });
  },
});
