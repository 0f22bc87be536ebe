import { z } from "zod";
import { defineCommand } from "../command.ts";

const note = z.string().optional().describe("Why, one sentence");

/** Proposes a changed copy of the cluster file. */
export const proposeCommand = defineCommand({
  id: "propose",
  area: "intent",
  summary: "Propose a change of the cluster file: a changed copy of it",
  details: [
    "Shows the diff, what is wrong with the file that it would make, what it touches, and other proposals that change the same. Nothing is written until `propose commit`.",
    "Single values are proposed with `set`. A proposal is made on the cluster file as it is: if that changes meanwhile, it is refused until `propose rebase` has put it on the present one.",
  ].join("\n\n"),
  args: () =>
    z.object({
      with: z.string().describe("A changed copy of the cluster file"),
      note,
      commit: z.boolean().default(false).describe("Commit it at once"),
    }),
  positionals: [],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { no: "It reads a file of the machine on which it is typed; `set` proposes single values." },
  examples: [{ line: "halligan propose --with new.yaml --note 'a third web server'", does: "proposes what new.yaml says" }],
  async run(context, { with: file, note: why, commit }) {
    const [{ answerProposal, commitAndAnswer }, { propose }, { proposeDeps }] = await Promise.all([
      import("./propose-run.ts"),
      import("../../intent/proposing.ts"),
      import("./proposal-document.ts"),
    ]);
    const text = await context.local.readText(file);
    const house = await context.house();
    const opened = await propose(proposeDeps(context, house), text, why);
    return commit ? await commitAndAnswer(context, house, opened.proposal.proposal) : await answerProposal(house, opened, "made");
  },
});

/** Proposes values. */
export const setCommand = defineCommand({
  id: "set",
  area: "intent",
  summary: "Propose values of the cluster file",
  details: [
    "A path is one of the cluster file, such as deployments.web.set.nginx.port, or BARCLAMP.ATTRIBUTE with --deployment or --node (without either: where the file or the use of the barclamp leaves one place). Values are read by the type that the barclamp declares; lists and maps are written as in YAML: '[a, b]', '{ k: v }'.",
    "The result is a proposal: a diff in which comments, order and layout of the file stay. `propose commit` writes it. Secrets are refused: `secrets set` and references are for them.",
  ].join("\n\n"),
  args: () =>
    z.object({
      changes: z.array(z.string()).default([]).describe("PATH=VALUE, as many as you like"),
      deployment: z.string().optional().describe("Short paths stand in this deployment"),
      node: z
        .string()
        .optional()
        .describe("Short paths stand at the nodes of this selector: at their entry, or in a group that is made for them"),
      unset: z.array(z.string()).default([]).describe("Take this path away"),
      note,
      proposal: z.string().optional().describe("Add to this proposal, such as D-3, instead of making one"),
      commit: z.boolean().default(false).describe("Commit the proposal at once"),
    }),
  positionals: ["changes"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  // Somebody will type a secret here, by mistake.
  secretArgs: ["changes"],
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan set nginx.port=8080 --deployment web", does: "proposes port 8080 for nginx in deployment web" },
    { line: "halligan set deployments.web.rollout.batch=25%", does: "proposes another value by its whole path" },
    { line: "halligan set base.motd=Hello --node rack=r2 --commit", does: "for the nodes of one rack, written at once" },
    { line: "halligan set --unset deployments.web.set.nginx.port", does: "proposes to take a value away" },
  ],
  async run(context, args) {
    const { setValues } = await import("./propose-run.ts");
    return await setValues(context, args);
  },
});

/** Lists proposals. */
export const proposalsCommand = defineCommand({
  id: "proposals",
  area: "intent",
  summary: "List proposals, newest first",
  args: () =>
    z.object({
      all: z.boolean().default(false).describe("Also those that were committed or dropped"),
      limit: z.coerce.number().int().min(1).default(20).describe("How many to list"),
    }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan proposals", does: "what is proposed, by whom, and what gets in each other's way" }],
  async run(context, { all, limit }) {
    const { proposalsDocument } = await import("./proposal-document.ts");
    return { exit: 0, document: { ...(await proposalsDocument(await context.house(), limit, all)) } };
  },
});
