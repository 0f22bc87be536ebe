import { z } from "zod";
import { defineCommand } from "./command.ts";

/** Prints what steps wrote. */
export const logsCommand = defineCommand({
  id: "logs",
  area: "plan and run",
  summary: "Show what steps printed on the nodes",
  details: [
    "Output is kept per node-role and attempt, bounded (a cut is marked), and with secrets taken out. A second attempt is shown as NODE/ROLE.2.",
    "Control characters are made visible. With several node-roles each line begins with its NODE/ROLE.",
  ].join("\n\n"),
  args: () =>
    z.object({
      of: z
        .array(z.string())
        .default([])
        .describe("A run such as R-3 (default: the one that is going on, else the newest), and nodes or NODE/ROLE to show"),
      follow: z.boolean().default(false).describe("Go on with new output until the run ends"),
      tail: z.coerce.number().int().min(0).optional().describe("Begin with the last N lines of each log"),
    }),
  positionals: ["of"],
  shorts: { follow: "f" },
  risk: "read",
  needs: "read",
  follows: true,
  chat: { takes: "cluster", always: { follow: false } },
  examples: [
    { line: "halligan logs", does: "all output of the newest run" },
    { line: "halligan logs R-3 web1/nginx --tail 50", does: "the last 50 lines of one node-role" },
    { line: "halligan logs web1 -f", does: "follows everything that runs on web1" },
  ],
  async run(context, args) {
    const { showLogs } = await import("./logs-show.ts");
    return await showLogs(context, args);
  },
});
