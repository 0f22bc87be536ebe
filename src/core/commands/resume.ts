import { z } from "zod";
import { ask } from "./asked.ts";
import { defineCommand } from "./command.ts";

/** Resumes a run. */
export const resumeCommand = defineCommand({
  id: "resume",
  area: "plan and run",
  summary: "Let a paused run go on",
  details: "Resuming a run that is not paused does no harm.",
  args: () => z.object({ run: z.string().optional().describe("A run such as R-3; default: the one that is going on") }),
  positionals: ["run"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan resume", does: "the paused run goes on" }],
  run: (context, { run }) => ask(context, run, { kind: "resume" }),
});
