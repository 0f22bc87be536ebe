import { describe, expect, test } from "vitest";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { AppliedNodeRole } from "../../../src/core/plan/applied.ts";
import { movedNames, renamed, renameProblems, renamesOf } from "../../../src/core/plan/renames.ts";
import { appliedNodeRole as applied, plannedNodeRole } from "../run/plans.ts";
import { cluster, deployment, node } from "./support.ts";

/** `node("b-1")` of the support has the address 10.0.0.1. */
const now = cluster([node("b-1"), node("n-2")], [deployment("all", {})]);

describe("a node that is called otherwise", () => {
  const db = applied("a-1/db", { address: "10.0.0.1:22" });

  test("is known by its address", () => {
    expect(renamesOf([db, applied("n-2/app", { address: "10.0.0.2:22" })], now)).toEqual([{ from: "a-1", to: "b-1" }]);
  });

  test.each<readonly [string, readonly AppliedNodeRole[]]>([
    ["the node is still there", [applied("b-1/db", { address: "10.0.0.9:22" })]],
    ["nobody is at that address", [applied("a-1/db", { address: "10.0.0.7:22" })]],
    ["another port is another machine", [applied("a-1/db", { address: "10.0.0.1:2222" })]],
    ["two were there", [db, applied("c-1/app", { address: "10.0.0.1:22" })]],
    ["it is not known where it was", [applied("a-1/db")]],
  ])("nothing is guessed: %s", (_, stands) => {
    expect(renamesOf(stands, now)).toEqual([]);
  });

  test("what stands there has the new name, also where others wait for it; nothing is taken over that stands already", () => {
    const app = applied("n-2/app", { after: ["a-1/db"] });
    const renames = [{ from: "a-1", to: "b-1" }];
    expect(renamed([db, app], renames).map(({ id, node: at, after }) => [id, at, after])).toEqual([
      ["b-1/db", "b-1", []],
      ["n-2/app", "n-2", ["b-1/db"]],
    ]);
    expect(renamed([db, applied("b-1/db")], renames).map((each) => each.id)).toEqual(["a-1/db", "b-1/db"]);
  });
});

describe("a name that stands for another machine", () => {
  const codes = (stands: readonly AppliedNodeRole[]): readonly (readonly [string, string | undefined])[] =>
    movedNames(stands, now).map(({ code, at }) => [code, at !== undefined && "node" in at ? at.node : undefined]);
  const at = (name: string, last: number): AppliedNodeRole => applied(`${name}/db` as NodeRoleId, { address: `10.0.0.${last}:22` });

  test.each<readonly [string, readonly AppliedNodeRole[], readonly (readonly [string, string])[]]>([
    ["all are where they were", [at("b-1", 1), at("n-2", 2)], []],
    ["it is not known where it was", [applied("b-1/db")], []],
    ["one has another address", [at("b-1", 9)], [["NODE_MOVED", "b-1"]]],
    [
      "two were exchanged",
      [at("b-1", 2), at("n-2", 1)],
      [
        ["NODE_NAME_REUSED", "b-1"],
        ["NODE_NAME_REUSED", "n-2"],
      ],
    ],
    ["two were exchanged, and nothing stands on one of them", [at("b-1", 2)], [["NODE_NAME_REUSED", "b-1"]]],
    ["it is given to a machine that had another one", [at("b-1", 9), at("old", 1)], [["NODE_NAME_REUSED", "b-1"]]],
    ["it was never used before", [at("old", 1)], []],
  ])("%s", (_, stands, expected) => {
    expect(codes(stands)).toEqual(expected);
  });
});

test("names that changed are told, with the secrets that do not come along", () => {
  const stands = applied("n-2/app", { deployment: "old", secrets: [{ name: "old/x.word", version: 1 }] });
  const planned = [plannedNodeRole("n-2", "app", { deployment: "all" })];
  const problems = renameProblems([{ from: "a-1", to: "b-1" }], planned, new Map([[stands.id, stands]]), now);
  expect(problems.map((each) => each.code)).toEqual(["NODE_RENAMED", "DEPLOYMENT_RENAMED"]);
  expect(problems[1]?.message).toContain("old/x.word is not carried over");
  const kept = cluster([node("n-2")], [deployment("all", {}), deployment("old", {})]);
  expect(renameProblems([], planned, new Map([[stands.id, stands]]), kept)).toEqual([]);
});
