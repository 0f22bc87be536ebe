import { z } from "zod";
import { defineCommand } from "./command.ts";

/** The terminal UI; in a pipe, on a dumb terminal and with `--plain` its line mode. */
export const tuiCommand = defineCommand({
  id: "tui",
  area: "processes",
  summary: "Work on the cluster in a full-screen terminal UI",
  details: [
    "Shows nodes, plans, deployments and runs as they are now, and runs every command from its palette (`:`). `?` explains the keys.",
    "It only looks and asks: runs belong to an engine process and go on when the terminal UI leaves, hangs or dies.",
    "With `--plain`, on a dumb terminal, or where input or output is no terminal, it works line by line, which suits screen readers and scripts.",
  ].join("\n\n"),
  args: () =>
    z.object({
      theme: z.enum(["auto", "dark", "light", "mono"]).default("auto").describe("Colours; NO_COLOR means mono"),
      ascii: z.boolean().default(false).describe("Use no signs beyond ASCII"),
      mouse: z
        .boolean()
        .default(false)
        .describe("The wheel moves through rows, a press moves to a row; the terminal then needs shift to select text"),
      screen: z.string().default("nodes").describe("Where to begin: nodes, plan, deployments ..."),
    }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { no: "It needs a terminal." },
  examples: [
    { line: "halligan tui", does: "opens the terminal UI on ./cluster.yaml" },
    { line: "halligan tui --plain", does: "works line by line" },
  ],
  async run(context, args) {
    const { openRun } = await context.local.tui({ ...args, house: await context.house(), signal: context.signal });
    return { exit: 0, document: { halligan: 1, kind: "tui", openRun: openRun ?? null } };
  },
});
