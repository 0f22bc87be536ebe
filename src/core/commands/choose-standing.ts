import { fail, HalliganError, problem } from "../errors.ts";
import type { Cluster, ClusterNode } from "../model/cluster.ts";
import { matchSelector, parseSelector } from "../model/selector.ts";
import { suggestion } from "../model/suggest.ts";
import { renamed, renamesOf } from "../plan/renames.ts";
import type { Store } from "../ports.ts";
import { type AppliedRecord, readApplied, readRemains, takeable } from "../run/applied.ts";

/** What picks among the node-roles that stand. */
export interface StandingChoice {
  /** Empty = all. Those that left the file are known by what was applied of them. */
  readonly deployments: readonly string[];
  /** Selector of nodes; absent = all. Nodes that left the file have no labels, and are known by name. */
  readonly on?: string | undefined;
}

/** Everything that stands, or that failed node-roles may have left, by the names that nodes have now. */
export async function readStanding(store: Store, cluster: Pick<Cluster, "nodes">): Promise<readonly AppliedRecord[]> {
  const all = takeable(await readApplied(store), await readRemains(store));
  return renamed(all, renamesOf(all, cluster));
}

/**
 * The node-roles that stand (or were left by what failed) and fit a choice.
 * @throws `DEPLOYMENT_UNKNOWN`, `SELECTOR_INVALID`, `NODE_UNKNOWN` when no node at all fits.
 */
export function chooseStanding(
  records: readonly AppliedRecord[],
  cluster: { readonly nodes: readonly ClusterNode[]; readonly deployments: readonly { readonly name: string }[] },
  { deployments, on }: StandingChoice,
): readonly AppliedRecord[] {
  refuseUnknown(deployments, new Set([...cluster.deployments.map((each) => each.name), ...records.map((each) => each.deployment)]));
  const nodes = on === undefined ? undefined : nodesOf(on, records, cluster.nodes);
  return records.filter(
    (each) => (deployments.length === 0 || deployments.includes(each.deployment)) && (nodes === undefined || nodes.has(each.node)),
  );
}

function refuseUnknown(wanted: readonly string[], known: ReadonlySet<string>): void {
  const problems = wanted
    .filter((name) => !known.has(name))
    .map((name) =>
      problem("DEPLOYMENT_UNKNOWN", {
        message: `There is no deployment ${name} in the cluster file, and nothing of it was applied.`,
        hint: suggestion(name, known),
      }),
    );
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}

function nodesOf(on: string, records: readonly AppliedRecord[], nodes: readonly ClusterNode[]): ReadonlySet<string> {
  const parsed = parseSelector(on);
  if (!parsed.ok) {
    throw fail("SELECTOR_INVALID", {
      message: `The selector cannot be read: ${parsed.message}.`,
      at: { file: "selector", line: 1, column: parsed.offset + 1, text: on },
    });
  }
  const known = new Map<string, { readonly name: string; readonly labels: Readonly<Record<string, string>> }>();
  for (const { node } of records) known.set(node, { name: node, labels: {} });
  for (const node of nodes) known.set(node.name, node);
  const picked = [...known.values()].filter((node) => matchSelector(parsed.selector, node));
  if (picked.length === 0) {
    throw fail("NODE_UNKNOWN", {
      message: `No node matches \`${on}\`, neither of the cluster file nor of what was applied.`,
      hint: "`halligan nodes` lists the nodes with their labels.",
    });
  }
  return new Set(picked.map((node) => node.name));
}
