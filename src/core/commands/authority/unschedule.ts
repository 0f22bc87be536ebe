import { z } from "zod";
import { defineCommand } from "../command.ts";

/** `unschedule --json`. */
export interface UnscheduledDocument {
  readonly halligan: 1;
  readonly kind: "unscheduled";
  readonly run: string;
  readonly plan: string;
  readonly notBefore: number;
}

/** Takes a scheduled run back. */
export const unscheduleCommand = defineCommand({
  id: "unschedule",
  area: "authority",
  summary: "Take back a run that waits for its time",
  details:
    "The run ends as cancelled before it began; its plan stays. A run that waits for something else is taken out of the queue with `cancel`.",
  args: () => z.object({ run: z.string().describe("A run such as R-3") }),
  positionals: ["run"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan unschedule R-3", does: "R-3 will not start" }],
  async run(context, { run }) {
    const { unschedule } = await import("./schedule-run.ts");
    return await unschedule(context, run);
  },
});
