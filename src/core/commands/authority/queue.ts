import { z } from "zod";
import { defineCommand } from "../command.ts";

/** `queue --json`. Times are ms since the epoch. */
export interface QueueDocument {
  readonly halligan: 1;
  readonly kind: "queue";
  /** The run that goes on. */
  readonly running: QueuedRun | null;
  /** Runs that wait, in the order in which their turn comes. */
  readonly waiting: readonly (QueuedRun & {
    readonly place: number;
    readonly notBefore: number | null;
    readonly waits: readonly Waits[];
  })[];
  readonly at: number;
}

/** A run in `queue --json`. */
export interface QueuedRun {
  readonly run: string;
  readonly plan: string;
  readonly by: string;
  /** Who answers for it now; the same as `by` unless it was handed over. */
  readonly owner: string;
  readonly deployments: readonly string[];
  readonly requestedAt: number;
  readonly startedAt: number | null;
  /** The reason that was given for break-glass. */
  readonly breakglass: string | null;
  /** Why the engine holds it back. */
  readonly held: readonly Waits[];
}

/** One reason why a run waits. */
export interface Waits {
  readonly kind: "run" | "schedule" | "lock" | "freeze" | "approval" | "policy" | "rights" | "worker" | "old";
  readonly code: string;
  readonly message: string;
  /** When it ends by itself, if that is known. */
  readonly until: number | null;
}

/** Lists runs that wait. */
export const queueCommand = defineCommand({
  id: "queue",
  area: "authority",
  summary: "List runs that wait, in order, each with the reasons",
  details:
    "Runs are carried out one after another, as they were asked for. One that waits for a lock, a freeze, an approval or its time lets others pass. `cancel R-n` takes a run out.",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan queue --json", does: "one JSON document" }],
  async run(context) {
    const { queueDocument } = await import("./queue-document.ts");
    return { exit: 0, document: { ...(await queueDocument(await context.house())) } };
  },
});
