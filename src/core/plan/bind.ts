import { type FilePlace, type Problem, problem } from "../errors.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { Cluster, ClusterNode, Deployment, Placement } from "../model/cluster.ts";
import { nodeRoleId } from "../model/ids.ts";
import { compareNatural } from "../model/natural-order.ts";
import { matchSelector } from "../model/selector.ts";
import { avoidOrder } from "./avoid-order.ts";
import { type Catalogue, catalogueOf, compareText, counted, listing } from "./catalogue.ts";
import { type Choice, choose } from "./choose.ts";
import type { BoundNodeRole } from "./graph.ts";
import { type FactsByNode, judgePlatforms } from "./platform.ts";
import { selectorText } from "./selector-text.ts";

/** What binding starts from. */
export interface BindInput {
  readonly cluster: Cluster;
  readonly barclamps: readonly Barclamp[];
  /** Deployments asked for; absent = all. The others are bound too, as possible providers. */
  readonly deployments?: readonly string[];
  /** Facts by node, for `platform`; nodes without facts are not judged. */
  readonly facts?: FactsByNode;
}

/** The outcome of binding. `bound` is sorted by node (natural), then role; it is complete only without problems. */
export interface BindResult {
  readonly bound: readonly BoundNodeRole[];
  readonly catalogue: Catalogue;
  readonly problems: readonly Problem[];
}

interface Job {
  readonly deployment: string;
  readonly owner: Deployment;
  readonly placement: Placement;
}

/**
 * Puts roles on nodes. Problems: `DEPLOYMENT_UNKNOWN`, `ROLE_UNKNOWN`, `ROLE_DEFINED_TWICE`, `PLACEMENT_EMPTY`, `PLACEMENT_SHORT`,
 * `AVOID_CYCLE`, `ROLE_TWICE`, `ROLE_CONFLICT`, `PLATFORM_UNSUPPORTED`.
 */
export function bind(input: BindInput): BindResult {
  const { cluster } = input;
  const { catalogue, problems: doubled } = catalogueOf(input.barclamps);
  const problems: Problem[] = [...doubled, ...unknownDeployments(cluster, input.deployments)];
  const nodes = cluster.nodes.toSorted((a, b) => compareNatural(a.name, b.name));
  const jobs = jobsOf(cluster, catalogue, problems);
  const { ordered, circles } = avoidOrder(jobs);
  for (const circle of circles) {
    const first = jobs.find((job) => job.placement.role === circle[0]);
    problems.push(
      problem("AVOID_CYCLE", { message: `placements avoid each other: ${circle.join(" -> ")}`, at: first && placeOf(cluster, first) }),
    );
  }
  const selected = input.deployments === undefined ? undefined : new Set(input.deployments);
  const hosts = new Map<string, Map<string, BoundNodeRole>>();
  const bound: BoundNodeRole[] = [];
  for (const job of ordered) {
    const known = catalogue.roles.get(job.placement.role);
    if (known === undefined) continue;
    const matching = nodes.filter((node) => matchSelector(job.placement.on, node));
    const taken = new Set(job.placement.avoid.flatMap((role) => [...(hosts.get(role)?.keys() ?? [])]));
    const choice = choose(job.placement, matching, taken);
    const wrong = judgeChoice(job, choice, hosts, placeOf(cluster, job));
    if (wrong !== undefined) problems.push(wrong);
    const standing = hosts.get(job.placement.role) ?? new Map<string, BoundNodeRole>();
    hosts.set(job.placement.role, standing);
    const twice = choice.chosen.filter((node) => standing.has(node.name));
    if (twice.length > 0) problems.push(roleTwice(job, twice, standing, placeOf(cluster, job)));
    const members = twice.length === 0 ? choice.chosen : choice.chosen.filter((node) => !standing.has(node.name));
    members.forEach((node, index) => {
      const nodeRole: BoundNodeRole = {
        id: nodeRoleId(node.name, known.role.name),
        node,
        role: known.role,
        barclamp: known.barclamp,
        deployment: job.owner,
        placement: job.placement,
        selected: selected === undefined || selected.has(job.deployment),
        members,
        index,
      };
      standing.set(node.name, nodeRole);
      bound.push(nodeRole);
    });
  }
  problems.push(...conflicts(bound, hosts), ...judgePlatforms(sortBound(bound, nodes), input.facts ?? new Map()));
  return { bound: sortBound(bound, nodes), catalogue, problems };
}

/** Sorts by node in the given order of nodes, then by role. */
function sortBound(bound: readonly BoundNodeRole[], nodes: readonly ClusterNode[]): readonly BoundNodeRole[] {
  const rank = new Map(nodes.map((node, index) => [node.name, index]));
  return bound.toSorted((a, b) => (rank.get(a.node.name) ?? 0) - (rank.get(b.node.name) ?? 0) || compareText(a.role.name, b.role.name));
}

function placeOf(cluster: Cluster, job: Job): FilePlace | undefined {
  return cluster.places.get(`deployments.${job.deployment}.place.${job.placement.role}`);
}

function unknownDeployments(cluster: Cluster, wanted: readonly string[] = []): readonly Problem[] {
  const names = cluster.deployments.map((each) => each.name).toSorted(compareText);
  return [...new Set(wanted)]
    .filter((name) => !names.includes(name))
    .toSorted(compareText)
    .map((name) =>
      problem("DEPLOYMENT_UNKNOWN", {
        message: `cluster ${cluster.name} has no deployment ${name}`,
        hint: names.length === 0 ? "Add a deployment to the cluster file." : `Deployments of this cluster: ${listing(names, 20)}.`,
      }),
    );
}

/** Placements whose role is known; the others become problems. */
function jobsOf(cluster: Cluster, catalogue: Catalogue, problems: Problem[]): readonly Job[] {
  const jobs: Job[] = [];
  for (const owner of cluster.deployments.toSorted((a, b) => compareText(a.name, b.name))) {
    for (const placement of owner.place) {
      const job = { deployment: owner.name, owner, placement };
      if (catalogue.roles.has(placement.role)) jobs.push(job);
      else {
        const message = `deployment ${owner.name} places role ${placement.role}, which no known barclamp has`;
        const hint = `Roles known here: ${listing([...catalogue.roles.keys()].toSorted(compareText), 30) || "none"}.`;
        problems.push(problem("ROLE_UNKNOWN", { message, at: placeOf(cluster, job), hint }));
      }
    }
  }
  return jobs;
}

/** The arithmetic of a placement that cannot be met. */
function judgeChoice(
  job: Job,
  choice: Choice,
  hosts: ReadonlyMap<string, ReadonlyMap<string, BoundNodeRole>>,
  at: FilePlace | undefined,
): Problem | undefined {
  const { role, count, on, avoid } = job.placement;
  const wanted = count ?? 1;
  if (choice.chosen.length >= wanted) return undefined;
  const avoided = avoid
    .map((name) => ({ name, nodes: choice.avoided.filter((node) => hosts.get(name)?.has(node.name)).map((node) => node.name) }))
    .filter((each) => each.nodes.length > 0)
    .map((each) => `${each.name} stands on ${listing(each.nodes)}`);
  const taken = avoided.length === 0 ? "" : `, ${choice.avoided.length} of them avoided (${avoided.join("; ")})`;
  const sum = `${counted(choice.matched, "node")} ${choice.matched === 1 ? "matches" : "match"} ${selectorText(on)}${taken}`;
  const need = count === undefined ? "at least 1 node" : counted(count, "node");
  const message = `deployment ${job.deployment} wants ${need} for ${role} and gets ${choice.chosen.length}: ${sum}`;
  return problem(choice.chosen.length === 0 ? "PLACEMENT_EMPTY" : "PLACEMENT_SHORT", { message, at });
}

function roleTwice(
  job: Job,
  twice: readonly ClusterNode[],
  standing: ReadonlyMap<string, BoundNodeRole>,
  at: FilePlace | undefined,
): Problem {
  const others = new Set(twice.map((node) => standing.get(node.name)?.deployment.name ?? ""));
  const nodes = listing(twice.map((node) => node.name));
  const elsewhere = [...others].toSorted(compareText).join(", ");
  const message = `deployment ${job.deployment} places ${job.placement.role} on ${nodes}, where deployment ${elsewhere} has placed it`;
  return problem("ROLE_TWICE", { message, at });
}

/** Pairs of conflicting roles that share nodes; one problem per pair. */
function conflicts(bound: readonly BoundNodeRole[], hosts: ReadonlyMap<string, ReadonlyMap<string, BoundNodeRole>>): readonly Problem[] {
  const roles = new Map(bound.map((each) => [each.role.name, each.role]));
  const pairs = new Set<string>();
  for (const role of roles.values()) {
    for (const other of role.conflicts) if (other !== role.name) pairs.add([role.name, other].toSorted(compareText).join("\n"));
  }
  return [...pairs].toSorted(compareText).flatMap((pair) => {
    const [one = "", two = ""] = pair.split("\n");
    const shared = [...(hosts.get(one)?.keys() ?? [])].filter((node) => hosts.get(two)?.has(node)).toSorted(compareNatural);
    if (shared.length === 0) return [];
    const names = [one, two].map((role) => `${role} (deployment ${hosts.get(role)?.get(shared[0] ?? "")?.deployment.name})`);
    return [
      problem("ROLE_CONFLICT", {
        message: `${names.join(" and ")} may not share a node and both stand on ${listing(shared)}`,
        at: { node: shared[0] ?? "", role: one },
        hint: `Add \`avoid: [${two}]\` to the placement of ${one}, or place them on different nodes.`,
      }),
    ];
  });
}
