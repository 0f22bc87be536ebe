import { z } from "zod";
import { fail } from "../errors.ts";
import { defineCommand } from "./command.ts";
import type { LabDocument } from "./lab-up.ts";

/** Takes the lab of this folder down. */
export const labDownCommand = defineCommand({
  id: "lab down",
  area: "start",
  summary: "Stop the lab of this folder",
  args: () => z.object({ discard: z.boolean().default(false).describe("Also forget what the nodes wrote, their keys and addresses") }),
  positionals: [],
  risk: "destructive",
  needs: "nothing",
  follows: false,
  chat: { no: "A lab is taken down on the machine on which it is typed." },
  examples: [
    { line: "halligan lab down", does: "stops the nodes; `lab up` finds their files again" },
    { line: "halligan lab down --discard --yes", does: "stops them and forgets everything, without asking" },
  ],
  async run(context, { discard }) {
    if (discard) {
      const sure = await context.confirm({ what: "lab down", detail: "The files that the nodes wrote will be lost." });
      if (sure === undefined)
        throw fail("USAGE", { message: "`lab down --discard` asks first, and nobody can be asked here.", hint: "Add `--yes`." });
      if (!sure) throw fail("INTERRUPTED", { message: "Nothing was done: the question was answered with no." });
    }
    const lab = await context.local.labDown(discard, (what, done, total, item) =>
      context.pass({ type: "progress", what, done, total, ...(item === undefined ? {} : { item }) }),
    );
    const document: LabDocument = { halligan: 1, kind: "lab", lab: lab ?? null };
    return { exit: 0, document: { ...document } };
  },
});
