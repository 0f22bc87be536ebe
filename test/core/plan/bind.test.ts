import { describe, expect, test } from "vitest";
import { bind } from "../../../src/core/plan/bind.ts";
import { platformFits } from "../../../src/core/plan/platform.ts";
import { barclamp, cluster, codesOf, deployment, names, node, role } from "./support.ts";

const clamps = [barclamp("x", [role("db"), role("web", { conflicts: ["cache"] }), role("cache")])];

function chosen(result: ReturnType<typeof bind>, roleName: string): readonly string[] {
  return result.bound.filter((each) => each.role.name === roleName).map((each) => each.node.name);
}

describe("placement", () => {
  test("count takes the first nodes in natural order", () => {
    const result = bind({ cluster: cluster(names(12).toReversed(), [deployment("d", { db: { count: 3 } })]), barclamps: clamps });
    expect(result.problems).toEqual([]);
    expect(chosen(result, "db")).toEqual(["n-1", "n-2", "n-3"]);
    expect(result.bound.map((each) => each.index)).toEqual([0, 1, 2]);
  });

  test("spread takes one node per value in turn, nodes without the label last", () => {
    const nodes = [
      node("n-1", { rack: "r1" }),
      node("n-2", { rack: "r1" }),
      node("n-3", { rack: "r10" }),
      node("n-4", { rack: "r2" }),
      node("n-5"),
    ];
    const place = (count: number) =>
      chosen(bind({ cluster: cluster(nodes, [deployment("d", { db: { count, spread: "rack" } })]), barclamps: clamps }), "db");
    expect(place(2)).toEqual(["n-1", "n-4"]);
    expect(place(3)).toEqual(["n-1", "n-3", "n-4"]);
    expect(place(4)).toEqual(["n-1", "n-3", "n-4", "n-5"]);
    expect(place(5)).toEqual(["n-1", "n-2", "n-3", "n-4", "n-5"]);
  });

  test("avoid is decided after the role that is avoided, in any deployment", () => {
    const result = bind({
      cluster: cluster(names(4), [deployment("a", { cache: { avoid: ["db"], count: 2 } }), deployment("b", { db: { count: 2 } })]),
      barclamps: clamps,
    });
    expect(result.problems).toEqual([]);
    expect(chosen(result, "db")).toEqual(["n-1", "n-2"]);
    expect(chosen(result, "cache")).toEqual(["n-3", "n-4"]);
  });

  test("placements that avoid each other are refused with the circle", () => {
    const result = bind({
      cluster: cluster(names(2), [deployment("a", { cache: { avoid: ["db"] }, db: { avoid: ["cache"] } })]),
      barclamps: clamps,
    });
    expect(codesOf(result.problems)).toEqual(["AVOID_CYCLE"]);
    expect(result.problems[0]?.message).toContain("cache -> db -> cache");
  });

  test("a placement that cannot be met shows the sum", () => {
    const result = bind({
      cluster: cluster(names(4), [
        deployment("a", { cache: { avoid: ["db"], count: 3 }, db: { count: 2 } }),
        deployment("b", { web: "tier=none" }),
      ]),
      barclamps: clamps,
    });
    expect(codesOf(result.problems)).toEqual(["PLACEMENT_SHORT", "PLACEMENT_EMPTY"]);
    expect(result.problems[0]?.message).toBe(
      "deployment a wants 3 nodes for cache and gets 2: 4 nodes match *, 2 of them avoided (db stands on n-1 and n-2)",
    );
    expect(result.problems[1]?.message).toBe("deployment b wants at least 1 node for web and gets 0: 0 nodes match tier=none");
  });

  test("conflicting roles, double roles, unknown roles and deployments are all reported at once", () => {
    const deployments = [deployment("a", { cache: "all", web: "all" }), deployment("b", { cache: { count: 1 }, nope: "all" })];
    const result = bind({ cluster: cluster(names(2), deployments), barclamps: clamps, deployments: ["c"] });
    expect(codesOf(result.problems).toSorted()).toEqual(["DEPLOYMENT_UNKNOWN", "ROLE_CONFLICT", "ROLE_TWICE", "ROLE_UNKNOWN"]);
    const conflict = result.problems.find((each) => each.code === "ROLE_CONFLICT");
    expect(conflict?.message).toContain("n-1 and n-2");
  });

  test("deployments that were not asked for are bound as possible providers", () => {
    const result = bind({
      cluster: cluster(names(1), [deployment("a", { db: "all" }), deployment("b", { web: "all" })]),
      barclamps: clamps,
      deployments: ["b"],
    });
    expect(result.bound.map((each) => [each.id, each.selected])).toEqual([
      ["n-1/db", false],
      ["n-1/web", true],
    ]);
  });
});

describe("platform", () => {
  test.each([
    ["debian", "debian", "12", true],
    ["debian>=12", "debian", "12", true],
    ["debian>=12", "debian", "11.9", false],
    ["debian>=12", "debian", null, true],
    ["debian<=12", "debian", "12.4", true],
    ["ubuntu>=22.04", "ubuntu", "24.04", true],
    ["ubuntu>=22.10", "ubuntu", "22.4", false],
    ["ubuntu=22", "ubuntu", "22.04", true],
    ["ubuntu<22.04", "ubuntu", "22.04", false],
    ["ubuntu>=22.04", "debian", "24", false],
    ["what is this", "debian", "12", false],
  ] as const)("%s fits %s %s: %s", (rule, id, version, fits) => {
    expect(platformFits(rule, { id, version })).toBe(fits);
  });

  test.each([
    ["rhel>=9", "rocky", "9.3", ["rhel", "centos", "fedora"], true],
    ["rhel>=9", "almalinux", "8.10", ["rhel", "centos", "fedora"], false],
    ["rocky>=9", "rocky", "9.3", ["rhel"], true],
    ["fedora>=9", "rocky", "9.3", ["rhel", "centos", "fedora"], false],
    ["suse>=15", "opensuse-leap", "15.5", ["suse", "opensuse"], true],
    ["debian>=12", "ubuntu", "22.04", ["debian"], false],
  ] as const)("%s fits %s %s like %s: %s", (rule, id, version, idLike, fits) => {
    expect(platformFits(rule, { id, version, idLike })).toBe(fits);
  });
});
