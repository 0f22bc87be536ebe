import { z } from "zod";
import { defineCommand } from "./command.ts";

/** The guided tour that `npm start` takes. */
export const labTourCommand = defineCommand({
  id: "lab tour",
  area: "start",
  summary: "Take a guided tour: a lab, a plan, a run, a no-op",
  details:
    "Brings up a lab, looks at it, plans, asks, applies, talks to what was deployed, and plans again; in a terminal it ends in the terminal UI. `npm start` runs this.",
  args: () =>
    z.object({
      driver: z.enum(["sandbox", "nspawn"]).default("sandbox").describe("How the nodes are made"),
      nodes: z.coerce.number().int().min(5).max(20).default(5).describe("How many nodes"),
    }),
  positionals: [],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It talks with the person at the terminal." },
  examples: [{ line: "halligan lab tour", does: "takes about a minute" }],
  async run(context, options) {
    const { exit } = await context.local.labTour(options);
    return { exit, document: { halligan: 1, kind: "tour", exit } };
  },
});
