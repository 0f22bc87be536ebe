import { z } from "zod";
import { capabilityNameSchema } from "../model/barclamp-file.ts";
import { defineCommand } from "./command.ts";

/** Asks the running services whether they work, and has them prove it. */
export const verifyCommand = defineCommand({
  id: "verify",
  area: "plan and run",
  summary: "Check that what was applied works, and prove what it can do",
  details: [
    "Judges the `verify` steps of every active node-role on its node, read-only. Node-roles without such steps are not listed.",
    "With --prove the roles' capabilities are proven as well: a row is written and read, a message is sent and received, a page is asked for. What a proof makes it takes back, also when it fails or you leave with Ctrl+C. `barclamp show NAME` lists what a role proves. Proofs that do not wait for one another run at once. It is refused while a run goes on, and while somebody else has locked the deployment.",
    "The exit code is 0 when all hold, 6 after Ctrl+C, else that of the first problem; 1 when a capability that --capability names was not proven.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to verify; default: all"),
      prove: z.boolean().default(false).describe("Also prove capabilities; makes things on the nodes and takes them back"),
      capability: z.array(capabilityNameSchema).default([]).describe("Prove only this one, and judge nothing else; may be repeated"),
      report: z.string().min(1).optional().describe("Write a report to this file: .md, .json or .xml (JUnit)"),
    }),
  positionals: ["deployments"],
  risk: "read",
  graver: { prove: "change", capability: "change" },
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster", without: ["report"] },
  examples: [
    { line: "halligan verify", does: "verifies everything that is active" },
    { line: "halligan verify web --json", does: "one document with a line per node-role" },
    { line: "halligan verify --prove --report proofs.xml", does: "also proves every capability, and writes a JUnit report" },
    { line: "halligan verify --capability sql-rows-return", does: "proves one capability, wherever it is declared" },
  ],
  async run(context, args) {
    const { verify } = await import("./verify-run.ts");
    return await verify(context, args);
  },
});
