import { z } from "zod";
import { defineCommand } from "../command.ts";

const proposal = z.string().describe("A proposal such as D-3");

/** Shows a proposal. */
export const proposeShowCommand = defineCommand({
  id: "propose show",
  area: "intent",
  summary: "Show a proposal: its diff, whether it is valid, what it touches, what gets in its way",
  args: () => z.object({ proposal }),
  positionals: ["proposal"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan propose show D-3", does: "what D-3 would change" }],
  async run(context, { proposal: id }) {
    const [{ answerProposal }, { readProposal }] = await Promise.all([import("./propose-run.ts"), import("../../intent/proposals.ts")]);
    const house = await context.house();
    return await answerProposal(house, await readProposal(house.store, id), "shown");
  },
});

/** Commits a proposal. */
export const proposeCommitCommand = defineCommand({
  id: "propose commit",
  area: "intent",
  summary: "Write a proposal into the cluster file",
  details:
    "Takes the role operator for the deployments that it touches, and for the whole cluster where it touches nodes, groups, common settings, freezes or an approvals block; sources of secrets that read the engine's machine take an admin. In a git repository a commit is made of the cluster file alone; nothing is pushed. Nodes are not touched: `plan` and `apply` come next.",
  args: () =>
    z.object({
      proposal,
      digest: z
        .string()
        .optional()
        .describe("Refuse if the proposal says something else than what `propose show` showed; 8 hex digits or more"),
    }),
  positionals: ["proposal"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan propose commit D-3", does: "writes D-3 into cluster.yaml" },
    { line: "halligan propose commit D-3 --digest 4f1c09ab", does: "writes it only if it still says what was read" },
  ],
  async run(context, { proposal: id, digest }) {
    const { commitAndAnswer } = await import("./propose-run.ts");
    return await commitAndAnswer(context, await context.house(), id, digest);
  },
});

/** Puts a proposal on the present file. */
export const proposeRebaseCommand = defineCommand({
  id: "propose rebase",
  area: "intent",
  summary: "Put a proposal on the cluster file as it is now",
  details: "Done only where both change different things; else the paths that both change are named, and the proposal stays as it was.",
  args: () => z.object({ proposal }),
  positionals: ["proposal"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan propose rebase D-3", does: "D-3 can be committed again after somebody changed the file" }],
  run: async (context, { proposal: id }) => await (await import("./propose-run.ts")).rebaseAndAnswer(context, await context.house(), id),
});

/** Gives a proposal up. */
export const proposeDropCommand = defineCommand({
  id: "propose drop",
  area: "intent",
  summary: "Give a proposal up",
  details: "Its author and editors may do so, and whoever may operate what it touches.",
  args: () => z.object({ proposal }),
  positionals: ["proposal"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan propose drop D-3", does: "D-3 is not to be committed any more" }],
  run: async (context, { proposal: id }) => await (await import("./propose-run.ts")).dropAndAnswer(context, await context.house(), id),
});
