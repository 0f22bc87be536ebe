import { z } from "zod";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** `reset --forget`. */
export interface ForgottenDocument {
  readonly halligan: 1;
  readonly kind: "forgotten";
  /** Node-roles that Halligan no longer knows of. Nothing was done on their nodes. */
  readonly nodeRoles: readonly string[];
  readonly reason: string;
}

/** Takes away what was applied. */
export const resetCommand = defineCommand({
  id: "reset",
  area: "day two",
  summary: "Take away what was applied",
  details: [
    "Makes a plan that undoes what was applied, users before what they use, and what failed node-roles may have left. It is shown, approved and run like any other plan; its risk is destructive, and the cluster's name has to be typed. Cluster file and placements stay as they are: the next `halligan plan` would make everything again.",
    "What comes back and what is kept is said by each step kind (`halligan steps KIND`, docs/day-two.md). When nothing of Halligan is at work on a node any more, its own folder goes as well.",
    "With `--forget` nothing is undone: Halligan forgets what it knows of node-roles on machines that are gone for good. That takes a reason, and is on record.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to take away; default: all"),
      nodes: z.string().min(1).optional().describe("Only on these nodes, a selector such as tier=web or n3"),
      forget: z.boolean().default(false).describe("Do nothing on the nodes, only forget what was applied there; needs --reason"),
      reason: z.string().min(1).optional().describe("Why it is forgotten"),
      ...runOptions,
    }),
  positionals: ["deployments"],
  risk: "destructive",
  needs: "operate",
  scope: "deployments",
  chat: { takes: "cluster", always: { detach: true, wait: false } },
  follows: true,
  examples: [
    { line: "halligan reset --plan-only", does: "shows what taking everything away would do" },
    { line: "halligan reset web", does: "takes deployment web away, everywhere" },
    { line: "halligan reset --nodes n3", does: "takes away everything on n3" },
    { line: 'halligan reset --nodes n3 --forget --reason "its disks died"', does: "forgets what was applied on a machine that is gone" },
  ],
  async run(context, args) {
    const { reset } = await import("./reset-run.ts");
    return await reset(context, args);
  },
});
