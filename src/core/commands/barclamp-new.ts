import { z } from "zod";
import { nameSchema } from "../model/ids.ts";
import { defineCommand } from "./command.ts";
import type { WrittenDocument } from "./init.ts";

/** Writes a small working barclamp. */
export const barclampNewCommand = defineCommand({
  id: "barclamp new",
  area: "barclamps",
  summary: "Write a small barclamp that works at once",
  details: "Writes barclamps/NAME beside the cluster file: barclamp.yaml, a template, a fixture. Nothing is overwritten.",
  args: () => z.object({ name: nameSchema.describe("Name of the new barclamp") }),
  positionals: ["name"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It writes files into the folder in which it is typed." },
  examples: [{ line: "halligan barclamp new motd", does: "writes barclamps/motd" }],
  async run(context, { name }) {
    const { files } = await context.local.newBarclamp(name);
    const next = [
      `halligan barclamp test ${name}`,
      `Place role ${name} in a deployment of the cluster file: ${name}: { on: all }`,
      "halligan plan",
    ];
    const document: WrittenDocument = { halligan: 1, kind: "written", files, next };
    return { exit: 0, document: { ...document } };
  },
});
