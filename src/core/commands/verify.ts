import { z } from "zod";
import type { Problem } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** `verify --json`. */
export interface VerifyDocument {
  readonly halligan: 1;
  readonly kind: "verify";
  readonly nodeRoles: readonly { readonly id: string; readonly ok: boolean }[];
  readonly problems: readonly Problem[];
}

/** Asks the running services whether they work. */
export const verifyCommand = defineCommand({
  id: "verify",
  area: "plan and run",
  summary: "Check that what was applied works",
  details:
    "Judges the `verify` steps of every active node-role on its node, read-only. Node-roles without such steps are not listed. The exit code is 0 when all hold, else that of the first problem.",
  args: z.object({ deployments: z.array(z.string()).default([]).describe("Deployments to verify; default: all") }),
  positionals: ["deployments"],
  risk: "read",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan verify", does: "verifies everything that is active" },
    { line: "halligan verify web --json", does: "one document with a line per node-role" },
  ],
  async run(context, { deployments }) {
    const { exitOf, planOptions, requireDeployments } = await import("./planning.ts");
    const house = await context.house();
    await requireDeployments(context, house, deployments);
    const found = await house.verify(planOptions(context, deployments));
    const problems = found.flatMap((each) => (each.problem === undefined ? [] : [each.problem]));
    const nodeRoles = found.map(({ id, problem }) => ({ id, ok: problem === undefined }));
    const document: VerifyDocument = { halligan: 1, kind: "verify", nodeRoles, problems };
    return { exit: exitOf(problems), document: { ...document } };
  },
});
