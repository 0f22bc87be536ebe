import { expect, test } from "vitest";
import type { ClusterOrder } from "../../../src/core/model/barclamp.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlannedOrder } from "../../../src/core/model/plan.ts";
import { memberOrders, quorumOf } from "../../../src/core/plan/members.ts";
import { barclamp, cluster, deployment, make, names, role } from "./support.ts";

function orderOf(order: ClusterOrder, members: number, standing: number): PlannedOrder | undefined {
  const on = (deploymentName: string) => deployment(deploymentName, { [deploymentName]: "n-1 | n-2 | n-3 | n-4 | n-5" });
  const { graph } = make(cluster(names(members), [on("store"), on("other")]), [
    barclamp("x", [role("store", { cluster: order }), role("other", { cluster: { order: "parallel" } })]),
  ]);
  const bound = graph.nodeRoles.map((each) => each.bound);
  // Those of another role must not be counted.
  const stand = ["store", "other"].flatMap((name) =>
    bound.filter((each) => each.role.name === name).slice(0, name === "other" ? 5 : standing),
  );
  const of = bound.find((each) => each.role.name === "store");
  return of === undefined ? undefined : memberOrders(bound, new Set<NodeRoleId>(stand.map((each) => each.id)))(of);
}

test("a majority is more than half of the members", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((members) => quorumOf("majority", members))).toEqual([1, 2, 2, 3, 3, 4, 4]);
  expect(quorumOf(2, 5)).toBe(2);
  expect(quorumOf(undefined, 5)).toBeUndefined();
});

test.each<readonly [what: string, order: ClusterOrder, members: number, standing: number, planned: PlannedOrder]>([
  ["nothing is said", { order: "one-by-one" }, 3, 0, { order: "one-by-one" }],
  ["a number stays what it is", { order: "founder-first", batch: 2, quorum: 2 }, 5, 0, { order: "founder-first", batch: 2, quorum: 2 }],
  ["a majority follows the members", { order: "one-by-one", quorum: "majority" }, 5, 0, { order: "one-by-one", quorum: 3 }],
  ["none stands", { order: "one-by-one", quorum: "majority", founding: "together" }, 3, 0, { order: "parallel" }],
  ["too few stand to be lost", { order: "one-by-one", quorum: "majority", founding: "together" }, 5, 2, { order: "parallel" }],
  ["a quorum stands", { order: "one-by-one", quorum: "majority", founding: "together" }, 3, 2, { order: "one-by-one", quorum: 2 }],
  ["the founder goes first even so", { order: "founder-first", batch: 1, founding: "together" }, 4, 0, { order: "founder-first" }],
  ["one stands where none must", { order: "founder-first", batch: 1, founding: "together" }, 4, 1, { order: "founder-first", batch: 1 }],
])("%s", (_what, order, members, standing, planned) => {
  expect(orderOf(order, members, standing)).toEqual(planned);
});
