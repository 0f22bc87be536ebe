import { type Problem, problem } from "../errors.ts";
import type { Cluster } from "../model/cluster.ts";
import { nodeRoleId, type NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole, Rename } from "../model/plan.ts";
import type { AppliedNodeRole } from "./applied.ts";
import { compareText, listing } from "./catalogue.ts";

/**
 * Nodes that left the cluster file and came back by another name: the file has one node at the address where they were, and nothing else stood
 * there. Host keys are pinned by address, so whoever answers there is the machine that it was. Pure.
 */
export function renamesOf(applied: readonly AppliedNodeRole[], { nodes }: Pick<Cluster, "nodes">): readonly Rename[] {
  const known = new Set(nodes.map((node) => node.name));
  const stood = new Map<string, Set<string>>();
  for (const { node, address } of applied) {
    if (known.has(node) || address === undefined) continue;
    stood.set(address, (stood.get(address) ?? new Set()).add(node));
  }
  const present = Map.groupBy(nodes, (node) => addressOf(node));
  return [...stood]
    .flatMap(([address, from]) => {
      const [old, ...others] = from;
      const [now, ...more] = present.get(address) ?? [];
      if (old === undefined || now === undefined || others.length > 0 || more.length > 0) return [];
      return [{ from: old, to: now.name }];
    })
    .toSorted((a, b) => compareText(a.from, b.from));
}

/**
 * Names that stand for another machine than when something was applied there: the machine has another name now, or another one stood where the
 * name is now. Which of them keeps what was applied cannot be told by names. `NODE_MOVED` where a name merely has another address. Pure.
 */
export function movedNames(applied: readonly AppliedNodeRole[], { nodes }: Pick<Cluster, "nodes">): readonly Problem[] {
  const stood = Map.groupBy(applied, (each) => each.address ?? "");
  const byName = Map.groupBy(applied, (each) => each.node);
  const present = Map.groupBy(nodes, addressOf);
  return nodes.flatMap((node) => {
    const here = addressOf(node);
    const elsewhere = (byName.get(node.name) ?? []).filter((each) => each.address !== undefined && each.address !== here);
    const [first] = elsewhere;
    if (first?.address === undefined) return [];
    const there = present.get(first.address)?.[0]?.name;
    const before = stood.get(here)?.find((each) => each.node !== node.name)?.node;
    const roles = listing([...new Set(elsewhere.map((each) => each.role))].toSorted(compareText));
    const was = `${node.name} was at ${first.address} when ${roles} ${elsewhere.length === 1 ? "was" : "were"} applied there, and is at ${here} now`;
    const at = { node: node.name };
    if (there === undefined && before === undefined) return [problem("NODE_MOVED", { message: was, at })];
    const others = [
      ...(there === undefined ? [] : [`${first.address} is called ${there} now`]),
      ...(before === undefined ? [] : [`what is at ${here} was called ${before}`]),
    ];
    return [problem("NODE_NAME_REUSED", { message: `${was}; ${others.join(", and ")}`, at })];
  });
}

/** Where a node is reached: what identifies it, together with the host key that is pinned there. */
export function addressOf({ address, ssh }: Cluster["nodes"][number]): string {
  return address.includes(":") ? `[${address}]:${ssh.port}` : `${address}:${ssh.port}`;
}

/** What stands, by the names that nodes have now. What stands under its new name already is left as it is. Pure. */
export function renamed<A extends AppliedNodeRole>(applied: readonly A[], renames: readonly Rename[]): readonly A[] {
  if (renames.length === 0) return applied;
  const now = new Map(renames.map(({ from, to }) => [from, to]));
  const taken = new Set(applied.map((each) => each.id));
  const idNow = (id: NodeRoleId): NodeRoleId => {
    const slash = id.indexOf("/");
    const to = now.get(id.slice(0, slash));
    return to === undefined ? id : nodeRoleId(to, id.slice(slash + 1));
  };
  return applied.map((each) => {
    const id = idNow(each.id);
    const after = each.after.map(idNow);
    return id === each.id || taken.has(id) ? { ...each, after } : { ...each, id, node: now.get(each.node) ?? each.node, after };
  });
}

/** Tells that names and addresses have changed. Problems: `NODE_RENAMED`, `NODE_MOVED`, `DEPLOYMENT_RENAMED`. */
export function renameProblems(
  renames: readonly Rename[],
  planned: readonly PlannedNodeRole[],
  applied: ReadonlyMap<NodeRoleId, AppliedNodeRole>,
  cluster: Pick<Cluster, "deployments" | "nodes">,
): readonly Problem[] {
  const nodes = renames.map(({ from, to }) =>
    problem("NODE_RENAMED", {
      message: `node ${from} is called ${to} now: it has the same address, where the same host key is pinned; what was applied stays`,
      at: { node: to },
    }),
  );
  const present = new Set(cluster.deployments.map((each) => each.name));
  const moved = new Map<string, { readonly to: string; readonly secrets: Set<string> }>();
  for (const { id, deployment } of planned) {
    const before = applied.get(id);
    if (before === undefined || before.deployment === deployment || present.has(before.deployment)) continue;
    const entry = moved.get(before.deployment) ?? { to: deployment, secrets: new Set<string>() };
    for (const { name } of before.secrets ?? []) if (name.startsWith(`${before.deployment}/`)) entry.secrets.add(name);
    moved.set(before.deployment, entry);
  }
  const deployments = [...moved].map(([from, { to, secrets }]) =>
    problem("DEPLOYMENT_RENAMED", {
      message: `what deployment ${from} applied is placed by deployment ${to} now: it stays${secrets.size === 0 ? "" : `, but secrets are named after their deployment: ${listing([...secrets].toSorted(compareText))} ${secrets.size === 1 ? "is" : "are"} not carried over, and generated ones are made anew`}`,
      ...(secrets.size === 0 ? { hint: "Nothing is to be done." } : {}),
    }),
  );
  return [...nodes, ...movedNames([...applied.values()], cluster), ...deployments];
}
