import { z } from "zod";
import { ask } from "./asked.ts";
import { defineCommand } from "./command.ts";

/** Pauses a run. */
export const pauseCommand = defineCommand({
  id: "pause",
  area: "plan and run",
  summary: "Let what runs come to its end and start nothing new",
  details: "A paused run stays open, also over restarts of the engine, until `halligan resume` or `halligan cancel`.",
  args: () => z.object({ run: z.string().optional().describe("A run such as R-3; default: the one that is going on") }),
  positionals: ["run"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan pause", does: "pauses the run that is going on" }],
  run: (context, { run }) => ask(context, run, { kind: "pause" }),
});
