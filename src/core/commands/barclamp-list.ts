import { z } from "zod";
import type { Problem } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** `barclamp list`. */
export interface BarclampsDocument {
  readonly halligan: 1;
  readonly kind: "barclamps";
  readonly barclamps: readonly {
    readonly name: string;
    readonly origin: "cluster" | "shipped";
    readonly folder: string;
    /** Null, as all that follows, when the barclamp cannot be read. */
    readonly version: string | null;
    readonly description: string | null;
    readonly roles: readonly string[];
    readonly problems: readonly Problem[];
  }[];
}

/** Lists the barclamps that can be used here. */
export const barclampListCommand = defineCommand({
  id: "barclamp list",
  area: "barclamps",
  summary: "List the barclamps that can be used here",
  args: z.object({}),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan barclamp list", does: "lists those beside the cluster file and those shipped" }],
  async run(context) {
    const barclamps = (await context.local.barclamps()).map(({ name, origin, folder, barclamp, problems }) => ({
      name,
      origin,
      folder,
      version: barclamp?.version ?? null,
      description: barclamp?.description ?? null,
      roles: Object.keys(barclamp?.roles ?? {}),
      problems,
    }));
    const document: BarclampsDocument = { halligan: 1, kind: "barclamps", barclamps };
    return { exit: 0, document: { ...document } };
  },
});
