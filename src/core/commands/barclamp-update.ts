import { z } from "zod";
import { refSchema } from "../model/lock-file.ts";
import { defineCommand } from "./command.ts";

/** Brings barclamps of the lock file to what their sources have now, or fetches them as they are locked. */
export const barclampUpdateCommand = defineCommand({
  id: "barclamp update",
  area: "barclamps",
  summary: "Bring fetched barclamps to what their sources have now",
  details: [
    "Follows the branch or tag of each barclamp in halligan.lock and writes what it finds there. Everything or nothing: when one cannot be fetched, the lock file stays as it is. --locked changes no versions: it fetches what is missing in this folder, and refuses what is not as it was locked.",
    "Where a new version (or an older one, with --ref) has other settings, the cluster file's are carried over while planning, as the barclamp says, and the change of the file is shown here; --propose makes a proposal of it.",
  ].join("\n\n"),
  args: () =>
    z.object({
      names: z.array(z.string().min(1)).default([]).describe("Barclamps of halligan.lock; default: all"),
      ref: refSchema.optional().describe("Follow another branch, tag or commit; with one name"),
      locked: z.boolean().default(false).describe("Fetch exactly what is locked"),
      propose: z.boolean().default(false).describe("Propose the settings as the barclamps in use want them"),
      carried: z
        .boolean()
        .default(false)
        .describe("The settings are as they shall be: carry nothing over any more that only the lock file knows of"),
    }),
  positionals: ["names"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It writes files into the folder in which it is typed." },
  examples: [
    { line: "halligan barclamp update", does: "brings all to what their sources have now" },
    { line: "halligan barclamp update --locked", does: "fetches what halligan.lock names, in a new clone of the cluster's repository" },
    { line: "halligan barclamp update motd --ref v1.3 --propose", does: "takes v1.3, and proposes the settings that it wants" },
  ],
  async run(context, args) {
    const { updateAll } = await import("./barclamp-update-run.ts");
    return { exit: 0, document: { ...(await updateAll(context, args)) } };
  },
});
