import { z } from "zod";
import { defineCommand } from "./command.ts";

/** Tells how a cluster stands, from its store alone. */
export const statusCommand = defineCommand({
  id: "status",
  area: "plan and run",
  summary: "Tell how the cluster stands",
  details: "Reads the store only; no node is asked. `verify` asks the services, `plan` checks every step.",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan status --json", does: "one JSON document" }],
  async run(context) {
    const { clusterStatus } = await import("./status-document.ts");
    return { exit: 0, document: { ...(await clusterStatus(await context.house())) } };
  },
});
