import { z } from "zod";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** Takes everything on nodes away and applies it anew. */
export const rebuildCommand = defineCommand({
  id: "rebuild",
  area: "day two",
  summary: "Take everything on nodes away and apply it anew",
  details: [
    "Two runs, each with its own plan, approval and question: the first takes away what was applied on the nodes (as `reset --nodes`), the second applies what the files place there. The second plan can only be made when the first run has ended, since it is made from what is on the nodes then. If this command is left in between, or the second plan has to be approved, the same command goes on where it stopped.",
    "`--replaced`: the machines are new ones with nothing of Halligan on them, so nothing is undone: what was applied on the old ones is forgotten, with your reason on record. A new machine has a new host key: `halligan discover NODE` tells it and how to accept it.",
  ].join("\n\n"),
  args: () =>
    z.object({
      nodes: z.string().min(1).describe("Nodes, a selector such as n3 or tier=web"),
      replaced: z.boolean().default(false).describe("The machines were replaced by new ones; needs --reason"),
      reason: z.string().min(1).optional().describe("Why they were replaced"),
      queue: runOptions.queue,
      wait: runOptions.wait.describe("Wait until the plans are approved"),
    }),
  positionals: ["nodes"],
  risk: "destructive",
  needs: "operate",
  chat: { no: "It asks twice, once for each of its runs: use `reset` and then `apply`." },
  follows: true,
  examples: [
    { line: "halligan rebuild n3", does: "takes everything on n3 away, then applies it anew" },
    { line: 'halligan rebuild n3 --replaced --reason "new disks"', does: "n3 is a new machine: applies everything there" },
  ],
  async run(context, args) {
    const { rebuild } = await import("./rebuild-run.ts");
    return await rebuild(context, args);
  },
});
