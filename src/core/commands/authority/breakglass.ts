import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineCommand } from "../command.ts";
import { runOptions } from "../run-options.ts";

/** `breakglass --reviewed --json`: the review of a use of break-glass is closed. */
export interface ReviewedDocument {
  readonly halligan: 1;
  readonly kind: "reviewed";
  readonly run: string;
  readonly plan: string;
  /** Who broke the glass, and why. */
  readonly by: string;
  readonly reason: string;
  /** What the run was taken past, as `CODE: message`. */
  readonly passed: readonly string[];
  readonly reviewedBy: string;
  readonly note: string;
}

/** Takes a run past its gates, or closes the review of that. */
export const breakglassCommand = defineCommand({
  id: "breakglass",
  area: "authority",
  summary: "In an emergency: run a plan past approvals, locks, freezes and policy",
  details: [
    "Runs exactly this plan, which is still bound to its digest: an old plan is refused, and so is whoever has not the role breakglass. It passes missing approvals, locks of others, freezes and denials by policy, and says which. It does not stop a run that goes on: `halligan cancel` does.",
    "It is loud: `status`, `runs`, the journal and the audit show it, with the reason. It leaves a review open until an admin closes it with `--reviewed R-n --note TEXT`.",
  ].join("\n\n"),
  args: () =>
    z.object({
      plan: z.string().optional().describe("A plan such as P-7, or an approval request such as A-3"),
      reason: z.string().optional().describe("Why it cannot wait, at least 10 characters"),
      detach: runOptions.detach,
      reviewed: z.string().optional().describe("Close the review of this run, such as R-3 (admins; needs --note)"),
      note: z.string().trim().max(2000).optional().describe("What the review found"),
    }),
  positionals: ["plan"],
  risk: "destructive",
  needs: "breakglass",
  scope: "deployments",
  follows: true,
  chat: { takes: "cluster", always: { detach: true } },
  examples: [
    { line: 'halligan breakglass P-7 --reason "INC-311: shop is down, nobody to approve"', does: "shows what is passed, asks, runs P-7" },
    { line: 'halligan breakglass --reviewed R-9 --note "justified; rota had a gap"', does: "closes the review of R-9" },
  ],
  async run(context, { plan, reason, detach, reviewed, note }) {
    if ((plan === undefined) === (reviewed === undefined)) {
      throw fail("USAGE", {
        message: "Name a plan with --reason, or give --reviewed with --note.",
        hint: "`halligan help breakglass` has examples.",
      });
    }
    const { breakGlass, review } = await import("./breakglass-run.ts");
    return reviewed === undefined ? await breakGlass(context, { plan: plan ?? "", reason, detach }) : await review(context, reviewed, note);
  },
});
