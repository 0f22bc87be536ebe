import { describe, expect, test } from "vitest";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";

const head = "halligan: 1\ncluster: c\nnodes: { a: { address: h } }\ndeployments:\n  web:\n    place: { x: all }\n";
const load = (approvals: string) =>
  loadCluster({ file: "cluster.yaml", text: `${head}    approvals:${approvals}\n`, defaults: { user: "me" } });

function found(approvals: string): readonly string[] {
  return load(approvals).problems.map((each) => {
    const at = each.at !== undefined && "line" in each.at ? `${each.at.line}:${each.at.column}` : "nowhere";
    return `${each.code} ${at}`;
  });
}

const standard = { people: 1, groups: [], excludeAuthor: true, excludeEditor: true, ttlMs: 3_600_000, stepUp: false };

describe("an approvals block", () => {
  test("has defaults: one other person, within an hour; a number is a number of people", () => {
    expect(load(" {}").cluster?.deployments[0]?.approvals).toEqual({ default: standard });
    expect(load(" { default: 2, ttl: 30m }").cluster?.deployments[0]?.approvals).toEqual({
      default: { ...standard, people: 2, ttlMs: 1_800_000 },
    });
    expect(loadCluster({ file: "cluster.yaml", text: head, defaults: { user: "me" } }).cluster?.deployments[0]?.approvals).toBeUndefined();
  });

  test("has a rule per risk, each with its own life or that of the block", () => {
    const text = ` { default: 0, destructive: { people: 2, groups: [leads, ops], excludeEditor: false, ttl: 2h }, pointOfNoReturn: { stepUp: true }, ttl: 1d }`;
    expect(load(text).cluster?.deployments[0]?.approvals).toEqual({
      default: { ...standard, people: 0, ttlMs: 86_400_000 },
      destructive: { ...standard, people: 2, groups: ["leads", "ops"], excludeEditor: false, ttlMs: 7_200_000 },
      pointOfNoReturn: { ...standard, stepUp: true, ttlMs: 86_400_000 },
    });
  });

  test("that is wrong is told at its place, all at once", () => {
    expect(found("\n      default: -1\n      destructive: { peple: 2, ttl: 5s }\n      always: 1")).toEqual([
      "VALUE_INVALID 8:16",
      "KEY_UNKNOWN 9:22",
      "VALUE_INVALID 9:37",
      "KEY_UNKNOWN 10:7",
    ]);
    for (const wrong of [
      " 1",
      " yes",
      " { default: 21 }",
      " { default: two }",
      " { default: { groups: [] } }",
      " { ttl: 31d }",
      " { ttl: soon }",
      " { default: { stepUp: maybe } }",
    ])
      expect(found(wrong), wrong).toEqual([expect.stringMatching(/^VALUE_INVALID 7:/u)]);
  });
});
