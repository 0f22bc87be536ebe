import { z } from "zod";
import { fail } from "../errors.ts";
import type { WhyFacts } from "../plan/explain.ts";
import { defineCommand } from "./command.ts";

/** `why --json`. */
export interface WhyDocument extends WhyFacts {
  readonly halligan: 1;
  readonly kind: "why";
}

/** Explains one node-role. */
export const whyCommand = defineCommand({
  id: "why",
  area: "plan and run",
  summary: "Explain why a node-role is planned, what it waits for and where its values come from",
  details:
    "Tells which placement chose the node, what the node-role waits for and by which rule, where each setting was written, and what the last plan says about it. Secrets are masked.",
  args: z.object({ nodeRole: z.string().describe("NODE/ROLE, as plans show it") }),
  positionals: ["nodeRole"],
  risk: "read",
  needs: "read",
  follows: false,
  examples: [{ line: "halligan why web1/nginx", does: "explains role nginx on node web1" }],
  async run(context, { nodeRole }) {
    if (!/^[^/\s]+\/[^/\s]+$/.test(nodeRole)) {
      throw fail("NODE_ROLE_UNKNOWN", {
        message: `"${nodeRole}" does not name a node-role.`,
        hint: "Write NODE/ROLE, such as web1/nginx; `halligan plan` lists them.",
      });
    }
    const house = await context.house();
    const facts = (await house.why(nodeRole)) as WhyFacts;
    const document: WhyDocument = { halligan: 1, kind: "why", ...facts };
    return { exit: 0, document: { ...document } };
  },
});
