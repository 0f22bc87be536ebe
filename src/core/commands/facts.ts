import { z } from "zod";
import { fail } from "../errors.ts";
import { diffFacts } from "../inventory/diff.ts";
import { factsHistory } from "../inventory/record.ts";
import type { Facts } from "../model/facts.ts";
import type { Json } from "../ports.ts";
import { suggestion } from "../model/suggest.ts";
import { defineCommand } from "./command.ts";

/** One changed fact; `null` also stands for a side that is not there. */
export interface ChangedFact {
  /** `memory.totalBytes`, `nics[eth0].state`. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** `facts NODE`. */
export interface FactsDocument {
  readonly halligan: 1;
  readonly kind: "facts";
  readonly node: string;
  /** When they were seen, milliseconds since 1970; null = never. */
  readonly at: number | null;
  readonly facts: Facts | null;
}

/** `facts NODE --history` and `--diff`: newest first. */
export interface FactsHistoryDocument {
  readonly halligan: 1;
  readonly kind: "facts-history";
  readonly node: string;
  readonly entries: readonly {
    readonly at: number;
    readonly digest: string;
    /** Against the observation before; empty for the oldest that is kept. */
    readonly changed: readonly ChangedFact[];
  }[];
}

/** Shows what a probe saw on one node. */
export const factsCommand = defineCommand({
  id: "facts",
  area: "inventory",
  summary: "Show what was observed on a node",
  details: "Facts come from `halligan discover`; the last 20 different observations are kept.",
  args: () =>
    z.object({
      node: z.string().min(1).describe("Node of the cluster file"),
      history: z.boolean().default(false).describe("All kept observations, with what changed from one to the next"),
      diff: z.boolean().default(false).describe("Only what the newest observation changed"),
    }),
  positionals: ["node"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan facts ctl-1", does: "shows OS, CPU, memory, disks, network of ctl-1" },
    { line: "halligan facts ctl-1 --diff", does: "shows what changed at the last discovery" },
  ],
  async run(context, { node, history, diff }) {
    const house = await context.house();
    const { cluster } = await house.load();
    const names = cluster.nodes.map((each) => each.name);
    if (!names.includes(node)) {
      throw fail("NODE_UNKNOWN", { message: `There is no node \`${node}\` in the cluster file.`, hint: suggestion(node, names) });
    }
    if (history || diff) {
      const records = await factsHistory(house.store, cluster.name, node);
      const newestFirst = [...records].sort((a, b) => b.observedAt - a.observedAt);
      const entries = newestFirst.map((record, index) => {
        const older = newestFirst[index + 1];
        return {
          at: record.observedAt,
          digest: record.digest,
          changed: older === undefined ? [] : changedFacts(diffFacts(older.facts, record.facts)),
        };
      });
      const document: FactsHistoryDocument = {
        halligan: 1,
        kind: "facts-history",
        node,
        entries: diff && !history ? entries.slice(0, 1) : entries,
      };
      return { exit: 0, document: { ...document } };
    }
    const seen = (await house.knownFacts()).get(node);
    const document: FactsDocument = { halligan: 1, kind: "facts", node, at: seen?.at ?? null, facts: seen?.facts ?? null };
    return { exit: 0, document: { ...document } };
  },
});

/** Changes as JSON. */
export function changedFacts(
  changes: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[],
): readonly ChangedFact[] {
  return changes.map(({ path, before, after }) => ({ path, before: (before ?? null) as Json, after: (after ?? null) as Json }));
}
