import { z } from "zod";
import type { Acceptance } from "../plan/acceptance.ts";
import type { DriftFound } from "../run/drift.ts";
import { defineCommand } from "./command.ts";
import { runOptions } from "./run-options.ts";

/** `drift --json`. */
export interface DriftDocument {
  readonly halligan: 1;
  readonly kind: "drift";
  /** The selector; null = all nodes. */
  readonly on: string | null;
  readonly summary: { readonly checked: number; readonly same: number; readonly drifted: number; readonly unchecked: number };
  /** What is not as it was applied, and what could not be looked at. */
  readonly nodeRoles: readonly DriftRow[];
  /** Commands that take up what is on the nodes into the files, one setting each. */
  readonly accept: readonly (Acceptance & { readonly id: string; readonly command: string })[];
  /** The command that plans to put everything back; null = there is nothing to put back. */
  readonly putBack: string | null;
  readonly at: number;
}

/** One node-role in `drift`. `changedSince`: the files are others now than when it was applied, so putting it back may bring more. */
export type DriftRow = DriftFound & { readonly changedSince: boolean };

/** Compares the nodes with what was applied. */
export const driftCommand = defineCommand({
  id: "drift",
  area: "day two",
  summary: "Show what differs now from what was applied",
  details: [
    "Looks at every node-role that stands, in the form in which it was applied: with the files, settings and secrets of then, not those of now. Read-only. A diff goes from what is there to what was applied.",
    "`--put-back` makes a plan of what drifted and carries it out like any other plan; it is made from the files as they are now. What cannot be traced to one setting cannot be accepted by a command: then edit the file.",
    "The exit code is 0 when nothing has drifted, 1 when something has, 5 when nothing has but something could not be looked at. What was found is kept: `halligan status` and the other front ends show it.",
  ].join("\n\n"),
  args: () =>
    z.object({
      selector: z.string().min(1).optional().describe("Only nodes such as tier=web & rack!=r2, or n3; default: all"),
      putBack: z.boolean().default(false).describe("Plan to put back what drifted, ask, run it"),
      ...runOptions,
      planOnly: runOptions.planOnly.describe("With --put-back: make and show the plan, do not run it"),
    }),
  positionals: ["selector"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  chat: { takes: "cluster", always: { detach: true, wait: false } },
  follows: false,
  examples: [
    { line: "halligan drift", does: "looks at everything that stands" },
    { line: "halligan drift tier=web --json", does: "one document about the web nodes" },
    { line: "halligan drift n3 --put-back", does: "plans to put back what drifted on n3, asks, runs it" },
  ],
  async run(context, args) {
    const { drift } = await import("./drift-run.ts");
    return await drift(context, args);
  },
});
