import { z } from "zod";
import type { Facts } from "../model/facts.ts";
import { defineCommand } from "./command.ts";
import { selectNodes } from "./selection.ts";

/** `nodes`. */
export interface NodesDocument {
  readonly halligan: 1;
  readonly kind: "nodes";
  readonly cluster: string;
  readonly selector: string | null;
  readonly nodes: readonly NodeRow[];
}

/** One node with what is known of it. */
export interface NodeRow {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Deployments are not yet bound here; see `plan`. From the last discovery; null = never discovered. */
  readonly seen: {
    /** Milliseconds since 1970. */
    readonly at: number;
    readonly os: string | null;
    readonly arch: string | null;
    readonly threads: number | null;
    readonly memoryBytes: number | null;
    readonly init: string;
  } | null;
}

/** Lists nodes. */
export const nodesCommand = defineCommand({
  id: "nodes",
  area: "inventory",
  summary: "List the nodes with their labels and what is known of them",
  args: () => z.object({ selector: z.string().min(1).optional().describe("Such as tier=control & rack!=r2, or name=ctl-*") }),
  positionals: ["selector"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan nodes", does: "lists all nodes" },
    { line: "halligan nodes 'tier=web & rack!=r2'", does: "lists the nodes with these labels" },
  ],
  async run(context, { selector }) {
    const house = await context.house();
    const { cluster } = await house.load();
    const known = await house.knownFacts();
    const document: NodesDocument = {
      halligan: 1,
      kind: "nodes",
      cluster: cluster.name,
      selector: selector ?? null,
      nodes: selectNodes(cluster.nodes, selector).map((node) => {
        const seen = known.get(node.name);
        return {
          name: node.name,
          address: node.address,
          port: node.ssh.port,
          user: node.ssh.user,
          labels: node.labels,
          seen: seen === undefined ? null : { at: seen.at, ...summary(seen.facts) },
        };
      }),
    };
    return { exit: 0, document: { ...document } };
  },
});

function summary(facts: Facts): Omit<NonNullable<NodeRow["seen"]>, "at"> {
  const os = facts.os === null ? null : [facts.os.id, facts.os.version].filter((part) => part !== null).join(" ");
  return {
    os,
    arch: facts.kernel?.arch ?? null,
    threads: facts.cpu?.threads ?? null,
    memoryBytes: facts.memory?.totalBytes ?? null,
    init: facts.init,
  };
}
