import { z } from "zod";
import type { RunEntry } from "../run/requests.ts";
import { defineCommand } from "./command.ts";

/** `runs --json`. `phase` is `requested` while a run has not ended. */
export interface RunsDocument {
  readonly halligan: 1;
  readonly kind: "runs";
  /** Newest first. */
  readonly runs: readonly RunEntry[];
  /** Runs that are not listed. */
  readonly more: number;
  /** When this was answered, in ms since the epoch. */
  readonly at: number;
}

/** Lists runs. */
export const runsCommand = defineCommand({
  id: "runs",
  area: "plan and run",
  summary: "List runs, newest first",
  args: () => z.object({ limit: z.coerce.number().int().min(1).default(20).describe("How many to list") }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan runs --limit 5", does: "the last five runs" }],
  async run(context, { limit }) {
    const { listRuns } = await import("../run/requests.ts");
    const house = await context.house();
    const all = (await listRuns(house.store)).toReversed();
    const runs = all.slice(0, limit);
    const document: RunsDocument = { halligan: 1, kind: "runs", runs, more: all.length - runs.length, at: house.clock.now() };
    return { exit: 0, document: { ...document } };
  },
});
