import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { StatusRun } from "../status-document.ts";
import type { LockRow } from "./locks.ts";

/** `handoff --json`: who has the run now, and what the new one must know. */
export interface HandedDocument {
  readonly halligan: 1;
  readonly kind: "handed";
  readonly from: string;
  readonly to: string;
  readonly note: string | null;
  readonly run: StatusRun;
  /** Node-roles that failed or whose outcome is unknown, so far. */
  readonly failed: readonly string[];
  /** Locks that the one who had it still holds. */
  readonly locks: readonly LockRow[];
  readonly at: number;
}

/** Hands a run over. */
export const handoffCommand = defineCommand({
  id: "handoff",
  area: "authority",
  summary: "Hand a run over to somebody else",
  details:
    "The person answers for the run from now on: their locks do not hold it, and `status` names them. Who asked for it stays on record. The answer sums up how the run stands. Whoever has the run may hand it over, and so may an admin. Locks are not handed over with it.",
  args: () =>
    z.object({
      run: z.string().describe("A run such as R-3"),
      person: z.string().trim().min(1).max(100).describe("Who takes it, as people.yaml calls them"),
      note: z.string().trim().max(2000).optional().describe("What the other one should know"),
    }),
  positionals: ["run", "person"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: 'halligan handoff R-3 bob --note "watch the database"', does: "Bob answers for R-3 from now on" }],
  async run(context, args) {
    const { handoff } = await import("./handoff-run.ts");
    return await handoff(context, args);
  },
});
