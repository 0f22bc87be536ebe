import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineCommand } from "../command.ts";

/** `schedule --json`. Times are ms since the epoch. */
export interface ScheduledDocument {
  readonly halligan: 1;
  readonly kind: "scheduled";
  readonly run: string;
  readonly plan: string;
  /** The run may not start before this moment. */
  readonly notBefore: number;
  /** Freezes that are known to be in force then: the run waits for their end. */
  readonly freezes: readonly { readonly message: string; readonly until: number | null }[];
  readonly engine: { readonly host: string; readonly pid: number };
  /** Zone of whoever asks, for showing the time. */
  readonly shownIn: string;
  readonly at: number;
}

/** Asks for a run that starts later. */
export const scheduleCommand = defineCommand({
  id: "schedule",
  area: "authority",
  summary: "Carry out a plan later",
  details: [
    "The run waits in the queue until its time. Locks, freezes, approvals and policy are judged when it starts, and it is refused if its plan is old by then: the files were edited, or another run has worked on the same node-roles.",
    "The engine process on this machine waits for it; should that end, the next command that needs an engine starts one.",
  ].join("\n\n"),
  args: () =>
    z.object({
      plan: z.string().describe("A plan such as P-7"),
      at: z.string().optional().describe("When: `22:00` (the next time that clocks show it) or `2026-11-27 22:00`"),
      in: z.string().optional().describe("After how long, such as 30m, instead of --at"),
      zone: z.string().optional().describe("Zone of --at, such as Europe/Berlin; default: that of this machine"),
    }),
  positionals: ["plan"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan schedule P-7 --at 22:00", does: "runs P-7 tonight" },
    { line: "halligan schedule P-7 --in 30m", does: "runs P-7 in half an hour" },
  ],
  async run(context, args) {
    if ((args.at === undefined) === (args.in === undefined))
      throw fail("USAGE", { message: "Say with --at or with --in when the run is to start." });
    const { schedule } = await import("./schedule-run.ts");
    return await schedule(context, args);
  },
});
