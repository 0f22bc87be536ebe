import { z } from "zod";
import { defineCommand } from "./command.ts";
import type { LabDocument } from "./lab-up.ts";

/** Shows the lab of this folder. */
export const labStatusCommand = defineCommand({
  id: "lab status",
  area: "start",
  summary: "Show the lab of this folder",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It looks at the lab of the machine on which it is typed." },
  examples: [{ line: "halligan lab status", does: "lists the nodes with address and state" }],
  async run(context) {
    const document: LabDocument = { halligan: 1, kind: "lab", lab: (await context.local.labStatus()) ?? null };
    return { exit: 0, document: { ...document } };
  },
});
