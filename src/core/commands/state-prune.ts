import { z } from "zod";
import { fail } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** `state prune`. */
export interface StatePruneDocument {
  readonly halligan: 1;
  readonly kind: "state-prune";
  readonly dryRun: boolean;
  readonly runs: readonly string[];
  readonly plans: readonly string[];
  /** Removed; 0 where it was only looked. */
  readonly events: number;
  readonly logs: number;
  /** `given-back`: the store is smaller; `kept`: its room is used for what comes, as a run goes on or the disk is too full to pack it. */
  readonly room: "given-back" | "kept" | "untouched";
  /** What ended before this moment was looked at (ms since the epoch). */
  readonly before: number;
}

/** Removes what nobody needs any more. */
export const statePruneCommand = defineCommand({
  id: "state prune",
  area: "processes",
  summary: "Remove events, logs and plans of runs that ended long ago",
  details: `A run goes when it ended longer ago than --older-than and is none of the newest --keep-runs. Never removed: runs that are open, runs and plans that brought about what
stands on the nodes, plans of open requests, revisions, secrets, and the audit. Of a run that went its entry in \`halligan runs\`, who asked for it and how it ended stay; of a
plan its author, digest and deployments. Readers of the journal go on undisturbed.`,
  args: () =>
    z.object({
      keepRuns: z.coerce.number().int().min(1).max(100_000).default(20).describe("So many of the newest runs stay, however old"),
      olderThan: z.string().default("90d").describe("Only what ended longer ago, such as 90d; 0 = whatever has ended"),
      dryRun: z.boolean().default(false).describe("Say what would go, remove nothing"),
    }),
  positionals: [],
  risk: "destructive",
  needs: "administer",
  follows: false,
  chat: { no: "What is removed cannot be brought back; it is typed where backups are made." },
  examples: [
    { line: "halligan state prune --dry-run", does: "says what is older than 90 days and not needed" },
    { line: "halligan state prune --keep-runs 200 --older-than 30d --yes", does: "removes it without asking, as from a timer" },
  ],
  async run(context, args) {
    const { pruneState } = await import("./state-prune-run.ts");
    const document = await pruneState(context, args);
    return { exit: 0, document: { ...document } };
  },
});

/** The question before anything goes. @throws `USAGE` where nobody can be asked, `INTERRUPTED` after a no. */
export async function agreeToPrune(agreed: Promise<boolean | undefined>): Promise<void> {
  const sure = await agreed;
  if (sure === undefined) throw fail("USAGE", { message: "`state prune` asks first, and nobody can be asked here.", hint: "Add `--yes`." });
  if (!sure) throw fail("INTERRUPTED", { message: "Nothing was removed: the question was answered with no." });
}
