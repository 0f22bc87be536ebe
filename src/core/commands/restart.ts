import { z } from "zod";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** Does the restarts that were put off. */
export const restartCommand = defineCommand({
  id: "restart",
  area: "day two",
  summary: "Do the restarts that were put off",
  details:
    "Changes of a deployment whose rollout says `restarts: later`, or that was applied with `--no-restarts`, leave running services as they are; `halligan status` lists what waits. This makes a plan of those node-roles, in the order and the batches of their rollout, and carries it out like any other plan.",
  args: () =>
    z.object({
      selector: z.string().min(1).optional().describe("Only on nodes such as tier=web, or n3; default: all"),
      ...runOptions,
    }),
  positionals: ["selector"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  chat: { takes: "cluster", always: { detach: true, wait: false } },
  follows: true,
  examples: [
    { line: "halligan restart", does: "plans all restarts that wait, asks, does them" },
    { line: "halligan restart tier=web --plan-only", does: "shows which they are on the web nodes" },
  ],
  async run(context, args) {
    const { restart } = await import("./restart-run.ts");
    return await restart(context, args);
  },
});
