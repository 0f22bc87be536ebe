import { z } from "zod";
import { defineCommand } from "../command.ts";

/** Lists revisions. */
export const revisionsCommand = defineCommand({
  id: "revisions",
  area: "intent",
  summary: "List revisions of the cluster's intent, newest first",
  details:
    "A revision is the cluster file and its barclamps as they were when a plan was made or a proposal was committed. It is kept in full, once for each content; those that a run was asked for are kept for ever. An edit by hand becomes a revision when `plan` first sees it.",
  args: () => z.object({ limit: z.coerce.number().int().min(1).default(20).describe("How many to list") }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan revisions --limit 5", does: "the last five revisions, and which runs applied them" }],
  async run(context, { limit }) {
    const { revisionsDocument } = await import("./revisions-document.ts");
    return { exit: 0, document: { ...(await revisionsDocument(await context.house(), limit)) } };
  },
});

const revision = z.string().describe("A revision such as V-4, a plan or run that it was used by, or 8 digits of its digest");

/** Shows one revision. */
export const revisionsShowCommand = defineCommand({
  id: "revisions show",
  area: "intent",
  summary: "Show a revision: its cluster file, its barclamps, who made it, which runs applied it",
  args: () => z.object({ revision }),
  positionals: ["revision"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan revisions show V-4", does: "the cluster file as it was in V-4" }],
  async run(context, args) {
    const { revisionDocument } = await import("./revisions-document.ts");
    return { exit: 0, document: { ...(await revisionDocument(await context.house(), args.revision)) } };
  },
});

/** Compares revisions. */
export const revisionsDiffCommand = defineCommand({
  id: "revisions diff",
  area: "intent",
  summary: "Show what differs between two revisions, or between one and the files as they are",
  args: () =>
    z.object({ revision, other: z.string().optional().describe("The one to compare it with; default: the files as they are now") }),
  positionals: ["revision", "other"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan revisions diff V-3 V-5", does: "what changed from V-3 to V-5" },
    { line: "halligan revisions diff R-7", does: "what changed in the files since run R-7" },
  ],
  async run(context, args) {
    const { revisionDiffDocument } = await import("./revisions-document.ts");
    return { exit: 0, document: { ...(await revisionDiffDocument(await context.house(), args.revision, args.other)) } };
  },
});
