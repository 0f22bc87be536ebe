import { z } from "zod";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** Plans, asks and runs; or runs exactly the plan that is named. */
export const applyCommand = defineCommand({
  id: "apply",
  area: "plan and run",
  summary: "Carry out a plan",
  details: [
    "Without a plan's id: makes a plan, shows it, asks, and runs it. With one: runs exactly that plan, or nothing if the files have changed since.",
    "While another run is open, this one waits behind it (`halligan queue`). If that run changes what this plan is about, this one is refused when its turn comes, before anything is touched.",
    "The run does not depend on this command: an engine process goes on with it when this one leaves or is killed. Ctrl+C asks whether to detach or to cancel.",
    "A node that does not answer is skipped and reported; the rest is carried out, and the run counts as failed. Exit codes: 0 done, 1 the run failed, 6 cancelled, and those of problems (`docs/errors.md`).",
  ].join("\n\n"),
  args: () =>
    z.object({
      targets: z.array(z.string()).default([]).describe("A plan such as P-7, or deployments; default: all deployments"),
      queue: runOptions.queue,
      wait: z.boolean().default(false).describe("If another run is open, wait for its end first and make the plan only then"),
      restarts: z
        .boolean()
        .default(true)
        .describe("`--no-restarts`: what changes would restart goes on as it is until `halligan restart`; only for a new plan"),
      detach: runOptions.detach,
    }),
  positionals: ["targets"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: true,
  chat: { takes: "cluster", always: { detach: true, wait: false } },
  examples: [
    { line: "halligan apply", does: "plans everything, shows the plan, asks, runs it" },
    { line: "halligan apply P-7", does: "runs exactly plan P-7" },
    { line: "halligan apply web --yes --json", does: "for scripts: one event per line, the last one is run.ended" },
    { line: "halligan apply --yes --detach", does: "starts the run and returns; `halligan watch` follows it" },
  ],
  async run(context, args) {
    const { apply } = await import("./apply-run.ts");
    return await apply(context, args);
  },
});
