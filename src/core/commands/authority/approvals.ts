import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { ApprovalRow } from "./approval-document.ts";

/** `approvals --json`. */
export interface ApprovalsDocument {
  readonly halligan: 1;
  readonly kind: "approvals";
  /** Newest first. */
  readonly requests: readonly ApprovalRow[];
  /** Requests that are over and are not listed. */
  readonly more: number;
  readonly at: number;
}

/** Lists approval requests, or shows one. */
export const approvalsCommand = defineCommand({
  id: "approvals",
  area: "authority",
  summary: "List approval requests, or show one: what would run, who may approve, what is missing",
  details:
    "A request is for exactly one plan, by its digest, and good for one run. docs/approvals.md tells its life. Enforced where there is a people.yaml.",
  args: () =>
    z.object({
      request: z.string().optional().describe("A request such as A-3; default: all that are open"),
      all: z.boolean().default(false).describe("Also those that are over"),
    }),
  positionals: ["request"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan approvals", does: "lists what waits for approval" },
    { line: "halligan approvals A-3", does: "shows what A-3 would run, and who is asked" },
  ],
  async run(context, { request, all }) {
    const [{ listApprovals, readApproval }, { approvalDocument, approvalRow }] = await Promise.all([
      import("../../authority/approvals/read.ts"),
      import("./approval-document.ts"),
    ]);
    const { approvals: deps, clock } = await context.house();
    if (request !== undefined)
      return { exit: 0, document: { ...(await approvalDocument(deps, await readApproval(deps, request), "shown")) } };
    const every = (await listApprovals(deps)).toReversed();
    const shown = all ? every : every.filter((each) => each.end === undefined);
    const requests = await Promise.all(shown.map((each) => approvalRow(deps, each)));
    const document: ApprovalsDocument = { halligan: 1, kind: "approvals", requests, more: every.length - shown.length, at: clock.now() };
    return { exit: 0, document: { ...document } };
  },
});
