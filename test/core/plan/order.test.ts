import { describe, expect, test } from "vitest";
import { AfterLists } from "../../../src/core/plan/after.ts";
import { barclamp, cluster, codesOf, deployment, make, names, role } from "./support.ts";

const sql = role("mariadb", { outputs: { url: { capability: "sql", value: "mysql://{{ node.address }}" } } });
const sql2 = role("postgres", { provides: ["sql"], outputs: { url: { value: "pg" } } });

function waitsOf(made: ReturnType<typeof make>, id: string): readonly string[] {
  const found = made.graph.byId.get(id as `${string}/${string}`);
  return found === undefined ? [] : new AfterLists(made.graph.ranked).of(found.waits);
}

describe("providers", () => {
  const app = role("app", { requires: ["sql"] });

  test("one on the same node is waited for alone", () => {
    const made = make(cluster(names(3), [deployment("d", { mariadb: { count: 2 }, app: "all" })]), [barclamp("x", [sql, app])]);
    expect(made.problems).toEqual([]);
    expect(waitsOf(made, "n-1/app")).toEqual(["n-1/mariadb"]);
    expect(waitsOf(made, "n-3/app")).toEqual(["n-1/mariadb", "n-2/mariadb"]);
  });

  test("those of the same deployment go before others, then the whole cluster counts", () => {
    const places = [deployment("a", { mariadb: "n-1" }), deployment("b", { postgres: "n-2", app: "n-3" }), deployment("c", { app: "n-4" })];
    const made = make(cluster(names(4), [...places.slice(0, 2)]), [barclamp("x", [sql, sql2, app])]);
    expect(made.problems).toEqual([]);
    expect(waitsOf(made, "n-3/app")).toEqual(["n-2/postgres"]);
    const wide = make(cluster(names(4), places), [barclamp("x", [sql, sql2, app])]);
    expect(codesOf(wide.problems)).toEqual(["PROVIDER_AMBIGUOUS"]);
    expect(wide.problems[0]?.hint).toContain("`use: { sql: mariadb }` or `use: { sql: postgres }`");
  });

  test("use decides", () => {
    const deployments = [
      deployment("a", { mariadb: "n-1", postgres: "n-1" }),
      deployment("c", { app: "n-2" }, { use: { sql: "postgres" } }),
    ];
    const made = make(cluster(names(2), deployments), [barclamp("x", [sql, sql2, app])]);
    expect(made.problems).toEqual([]);
    expect(waitsOf(made, "n-2/app")).toEqual(["n-1/postgres"]);
    const wrong = make(cluster(names(2), [deployment("c", { app: "n-2" }, { use: { sql: "app" } })]), [barclamp("x", [sql, app])]);
    expect(codesOf(wrong.problems)).toEqual(["PROVIDER_INVALID"]);
  });

  test("several on one node are ambiguous, said once for all nodes", () => {
    const made = make(cluster(names(5), [deployment("a", { mariadb: "all", postgres: "all", app: "all" })]), [
      barclamp("x", [sql, sql2, app]),
    ]);
    expect(codesOf(made.problems)).toEqual(["PROVIDER_AMBIGUOUS"]);
  });

  test("a missing one names who could provide it and the line to add", () => {
    const made = make(cluster(names(1), [deployment("a", { app: "all" })]), [barclamp("x", [sql, sql2, app])]);
    expect(codesOf(made.problems)).toEqual(["PROVIDER_MISSING"]);
    expect(made.problems[0]?.hint).toContain('`place: { mariadb: { on: "SELECTOR", count: 1 } }`');
    const none = make(cluster(names(1), [deployment("a", { app: "all" })]), [barclamp("x", [app])]);
    expect(none.problems[0]?.hint).toContain("No known barclamp provides sql");
  });

  test("inputs wait too; a default makes a missing provider fine; a wrong output is told with those there are", () => {
    const user = role("user", { inputs: { db: "sql.url", other: { from: "cache.url", default: "none" } } });
    const made = make(cluster(names(1), [deployment("a", { mariadb: "all", user: "all" })]), [barclamp("x", [sql, user])]);
    expect(made.problems).toEqual([]);
    expect(waitsOf(made, "n-1/user")).toEqual(["n-1/mariadb"]);
    const bad = role("user", { inputs: { db: "sql.uri" } });
    const wrong = make(cluster(names(1), [deployment("a", { mariadb: "all", user: "all" })]), [barclamp("x", [sql, bad])]);
    expect(codesOf(wrong.problems)).toEqual(["OUTPUT_UNKNOWN"]);
    expect(wrong.problems[0]?.hint).toContain("url");
  });

  test("all waits for every provider, even with one on the same node", () => {
    const lb = role("lb", { inputs: { backends: { from: "sql.url", all: true } } });
    const made = make(cluster(names(3), [deployment("a", { mariadb: "all", lb: "n-2" })]), [barclamp("x", [sql, lb])]);
    expect(waitsOf(made, "n-2/lb")).toEqual(["n-1/mariadb", "n-2/mariadb", "n-3/mariadb"]);
  });

  test("a role may read what its own members give", () => {
    const galera = role("galera", {
      inputs: { peers: { from: "galera.address", all: true } },
      outputs: { address: { value: "{{ node.address }}" } },
    });
    const made = make(cluster(names(3), [deployment("a", { galera: "all" })]), [barclamp("x", [galera])]);
    expect(made.problems).toEqual([]);
    expect(made.graph.nodeRoles.every((each) => each.cohort === 0)).toBe(true);
    expect(made.resolve("n-2/galera").inputs["peers"]).toEqual({
      known: true,
      value: ["1", "2", "3"].map((n) => ({ node: `n-${n}`, address: `10.0.0.${n}`, value: `10.0.0.${n}` })),
    });
  });
});

describe("order", () => {
  test("the founder goes first", () => {
    const galera = role("galera", { cluster: { order: "founder-first" } });
    const made = make(cluster(names(3), [deployment("a", { galera: "all" })]), [barclamp("x", [galera])]);
    expect(made.graph.nodeRoles.map((each) => [each.bound.id, each.cohort])).toEqual([
      ["n-1/galera", 0],
      ["n-2/galera", 1],
      ["n-3/galera", 1],
    ]);
  });

  test("cycles are refused with the whole path, every distinct one, once for all nodes", () => {
    const roles = [
      role("a", { requires: ["b"] }),
      role("b", { requires: ["a", "c"] }),
      role("c", { requires: ["d"] }),
      role("d", { requires: ["b"] }),
      role("e", { requires: ["e"] }),
      role("f"),
    ];
    const everywhere = Object.fromEntries(roles.map((each) => [each.name, "all"]));
    const made = make(cluster(names(20), [deployment("x", everywhere)]), [barclamp("x", roles)]);
    expect(made.problems.map((each) => each.message)).toEqual([
      "roles wait for each other: a -> b -> a",
      "roles wait for each other: b -> c -> d -> b",
      "roles wait for each other: e -> e",
    ]);
    expect(made.problems[0]?.cause).toContain("a requires b; b requires a (on nodes: n-1/a -> n-1/b -> n-1/a)");
    expect(made.graph.nodeRoles.map((each) => each.bound.role.name)).toEqual(Array.from({ length: 20 }, () => "f"));
  });
});
