import { z } from "zod";
import { defineCommand } from "./command.ts";
import { nameKinds } from "./local.ts";

/** Names for the shell's completion; asked by the script that `completion` prints. */
export const completeCommand = defineCommand({
  id: "complete",
  area: "start",
  summary: "Print names for shell completion",
  args: () => z.object({ kind: z.enum(nameKinds).describe("Which names") }),
  positionals: ["kind"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "Shells ask it for names." },
  hidden: true,
  examples: [],
  async run(context, { kind }) {
    return { exit: 0, document: { halligan: 1, kind: "names", names: await context.local.names(kind) } };
  },
});
