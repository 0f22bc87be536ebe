import { z } from "zod";
import { defineCommand } from "../command.ts";

/** Approves a plan. */
export const approveCommand = defineCommand({
  id: "approve",
  area: "authority",
  summary: "Approve a plan that waits for it",
  details: [
    "Your vote is for exactly the plan that the request names by its digest: look at it with `halligan approvals A-n` first, and give `--digest` with what you saw to be sure that it is still the same.",
    "A vote counts while people.yaml, as it was when the request was opened and as it is now, lets you approve; it is judged again when the run starts and before each batch. A vote that would count for nothing is refused.",
    "`--sign` adds a signature with your SSH key, where the approvals block says `stepUp`. docs/approvals.md has the text that is signed, for `ssh-keygen -Y sign` and `--signature`.",
  ].join("\n\n"),
  args: () =>
    z.object({
      request: z.string().describe("The request, such as A-3"),
      digest: z.string().optional().describe("Refuse if the plan has another digest; its first 8 hex digits or more"),
      sign: z.string().optional().describe("Sign the vote: `agent`, or a private key file (a .pub file takes that key from the agent)"),
      signature: z.string().optional().describe("A file with a signature that was made elsewhere"),
    }),
  positionals: ["request"],
  risk: "change",
  needs: "approve",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster", without: ["sign", "signature"] },
  examples: [
    { line: "halligan approve A-3", does: "approves what A-3 shows" },
    { line: "halligan approve A-3 --digest 4f1c09ab", does: "approves it only if it is still the plan with that digest" },
    { line: "halligan approve A-3 --sign agent", does: "approves it, signed by your key in the SSH agent" },
  ],
  async run(context, args) {
    const { approveRequest } = await import("./vote.ts");
    return await approveRequest(context, args);
  },
});
