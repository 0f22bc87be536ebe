import { z } from "zod";
import type { Problem } from "../errors.ts";
import type { Discovered } from "../house.ts";
import { codes } from "../problems/codes.ts";
import { defineCommand } from "./command.ts";
import { type ChangedFact, changedFacts } from "./facts.ts";
import { selectNodes } from "./selection.ts";

/** `discover`. */
export interface DiscoveryDocument {
  readonly halligan: 1;
  readonly kind: "discovery";
  readonly cluster: string;
  readonly nodes: readonly DiscoveredRow[];
  readonly summary: { readonly seen: number; readonly new: number; readonly changed: number; readonly failed: number };
}

/** One node: seen, or why not. */
export type DiscoveredRow =
  | {
      readonly node: string;
      readonly ok: true;
      readonly firstTime: boolean;
      readonly os: string | null;
      readonly changed: readonly ChangedFact[];
    }
  | { readonly node: string; readonly ok: false; readonly problem: Problem };

/** Probes nodes and keeps their facts. */
export const discoverCommand = defineCommand({
  id: "discover",
  area: "inventory",
  summary: "Look at the nodes over SSH and keep what was found",
  details: `Runs a read-only probe on every node and keeps its facts. Host keys that are not pinned are refused and listed with the command
that accepts them: compare the fingerprint with the machine's console first.`,
  args: () =>
    z.object({
      selector: z.string().min(1).optional().describe("Only these nodes: tier=web, name=ctl-*"),
      acceptHostKey: z
        .string()
        .regex(/^SHA256:[A-Za-z0-9+/]{43}$/u, "a fingerprint such as SHA256:jnHm... with 43 characters")
        .optional()
        .describe("Pin the host key with exactly this fingerprint first"),
    }),
  positionals: ["selector"],
  risk: "read",
  needs: "operate",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan discover", does: "looks at all nodes" },
    { line: "halligan discover ctl-1 --accept-host-key SHA256:...", does: "pins the key of ctl-1, then looks at it" },
  ],
  async run(context, { selector, acceptHostKey }) {
    const house = await context.house();
    const { cluster } = await house.load();
    const nodes = selectNodes(cluster.nodes, selector).map((node) => node.name);
    let done = 0;
    const onProgress = (found: Discovered): void => {
      done += 1;
      context.pass({ type: "progress", what: "discover", done, total: nodes.length, item: found.node });
    };
    const found = await house.discover({
      nodes,
      ...(acceptHostKey === undefined ? {} : { acceptHostKey }),
      onProgress,
      signal: context.signal,
    });
    const rows = nodes.flatMap((name) => found.filter((each) => each.node === name).map(row));
    const failed = rows.flatMap((each) => (each.ok ? [] : [each.problem]));
    const document: DiscoveryDocument = {
      halligan: 1,
      kind: "discovery",
      cluster: cluster.name,
      nodes: rows,
      summary: {
        seen: rows.length - failed.length,
        new: rows.filter((each) => each.ok && each.firstTime).length,
        changed: rows.filter((each) => each.ok && each.changed.length > 0).length,
        failed: failed.length,
      },
    };
    const [first] = failed;
    return { exit: first === undefined ? 0 : codes[first.code].exit, document: { ...document } };
  },
});

function row(found: Discovered): DiscoveredRow {
  if ("problem" in found) return { node: found.node, ok: false, problem: found.problem };
  const { os } = found.facts;
  return {
    node: found.node,
    ok: true,
    firstTime: found.firstTime,
    os: os === null ? null : [os.id, os.version].filter((part) => part !== null).join(" "),
    changed: changedFacts(found.changed),
  };
}
