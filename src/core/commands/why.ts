import { z } from "zod";
import { fail, type Problem } from "../errors.ts";
import type { WhyFacts } from "../plan/explain.ts";
import type { House } from "../house.ts";
import type { Note } from "../notes/notes.ts";
import { type Answer, defineCommand } from "./command.ts";
import type { StatusRun } from "./status-document.ts";

/** `why --json`. */
export interface WhyDocument extends WhyFacts {
  readonly halligan: 1;
  readonly kind: "why";
  /** What the last run left it in, where that was no good end. */
  readonly lastRun?: WhyLast;
}

/** A run in which a node-role failed or was not started. */
export interface WhyLast {
  readonly run: string;
  readonly at: number;
  readonly state: "error" | "unknown" | "blocked";
  readonly problem: Problem;
  /** Of one that was not started: what failed before it. */
  readonly behind: readonly Problem[];
  readonly notes: readonly Note[];
}

/** `why R-n --json`. */
export interface WhyRunDocument extends StatusRun {
  readonly halligan: 1;
  readonly kind: "why-run";
  readonly at: number;
  /** Node-roles that failed or whose outcome is unknown, with what was noted about the same failure before. */
  readonly failures: readonly WhyFailure[];
}

/** One node-role that did not come to a good end. */
export interface WhyFailure {
  readonly id: string;
  readonly state: "error" | "unknown";
  readonly problem: Problem;
  readonly notes: readonly Note[];
}

/** Explains one node-role, a run, or an approval request. */
export const whyCommand = defineCommand({
  id: "why",
  area: "plan and run",
  summary: "Explain a node-role, a run or an approval request: why it is planned, what it waits for",
  details:
    "Tells which placement chose the node, what the node-role waits for and by which rule, where each setting was written, what the last plan says about it, and why it failed or was not started in the last run. Secrets are masked. Of a run it tells what holds it back and what failed, of an approval request what is missing or how it ended.",
  args: () => z.object({ nodeRole: z.string().describe("NODE/ROLE, as plans show it; or R-3, or A-3") }),
  positionals: ["nodeRole"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan why web1/nginx", does: "explains role nginx on node web1" },
    { line: "halligan why R-3", does: "tells what holds R-3 back" },
  ],
  async run(context, { nodeRole }) {
    if (/^A-\d+$/.test(nodeRole)) return await whyApproval(await context.house(), nodeRole);
    if (/^R-\d+$/.test(nodeRole)) return await whyRun(await context.house(), nodeRole);
    if (!/^[^/\s]+\/[^/\s]+$/.test(nodeRole)) {
      throw fail("NODE_ROLE_UNKNOWN", {
        message: `"${nodeRole}" does not name a node-role.`,
        hint: "Write NODE/ROLE, such as web1/nginx (`halligan plan` lists them), a run such as R-3, or a request such as A-3.",
      });
    }
    const house = await context.house();
    const facts = (await house.why(nodeRole)) as WhyFacts;
    const { lastTrouble } = await import("./why-last.ts");
    const lastRun = await lastTrouble(house.store, nodeRole);
    const document: WhyDocument = { halligan: 1, kind: "why", ...facts, ...(lastRun === undefined ? {} : { lastRun }) };
    return { exit: 0, document: { ...document } };
  },
});

async function whyApproval(house: House, request: string): Promise<Answer> {
  const [{ readApproval }, { approvalDocument }] = await Promise.all([
    import("../authority/approvals/read.ts"),
    import("./authority/approval-document.ts"),
  ]);
  return { exit: 0, document: { ...(await approvalDocument(house.approvals, await readApproval(house.approvals, request), "explained")) } };
}

async function whyRun(house: House, run: string): Promise<Answer> {
  const [{ statusRunOf }, { runFailures }] = await Promise.all([import("./status-document.ts"), import("./why-failures.ts")]);
  const status = await statusRunOf(house, run);
  const failures = await runFailures(house.store, run);
  const document: WhyRunDocument = { halligan: 1, kind: "why-run", ...status, at: house.clock.now(), failures };
  return { exit: 0, document: { ...document } };
}
