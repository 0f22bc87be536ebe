import type { ClusterOrder } from "../model/barclamp.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedOrder } from "../model/plan.ts";
import type { BoundNodeRole } from "./graph.ts";

/** How many members must stay active, of so many; a majority is more than half of them. */
export function quorumOf(quorum: ClusterOrder["quorum"], members: number): number | undefined {
  return quorum === "majority" ? Math.floor(members / 2) + 1 : quorum;
}

/**
 * How the members of each role follow each other in a plan. A role that says `founding: together` has them start at once while fewer stand than
 * must stay active (without a quorum: while none stands): nothing that works can be lost then. Pure.
 */
export function memberOrders(
  bound: readonly BoundNodeRole[],
  applied: { has(id: NodeRoleId): boolean },
): (of: BoundNodeRole) => PlannedOrder | undefined {
  const teams = new Map<string, { members: number; standing: number }>();
  for (const each of bound) {
    if (each.role.cluster === undefined) continue;
    const team = teams.get(teamOf(each)) ?? { members: 0, standing: 0 };
    team.members += 1;
    if (applied.has(each.id)) team.standing += 1;
    teams.set(teamOf(each), team);
  }
  return (of) => {
    const { cluster } = of.role;
    if (cluster === undefined) return undefined;
    const { members, standing } = teams.get(teamOf(of)) ?? { members: 1, standing: 0 };
    const quorum = quorumOf(cluster.quorum, members);
    if (cluster.founding === "together" && standing < (quorum ?? 1))
      return { order: cluster.order === "founder-first" ? "founder-first" : "parallel" };
    const { order, batch } = cluster;
    return { order, ...(batch === undefined ? {} : { batch }), ...(quorum === undefined ? {} : { quorum }) };
  };
}

/** The same for all members of a role within a deployment. */
export function teamOf(each: BoundNodeRole): string {
  return `${each.deployment.name}\n${each.role.name}`;
}
