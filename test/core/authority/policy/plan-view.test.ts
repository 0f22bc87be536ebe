import { describe, expect, test } from "vitest";
import { viewPlan } from "../../../../src/core/authority/policy/plan-view.ts";
import { type ApprovalPolicy, defaultApprovalRule } from "../../../../src/core/model/approvals.ts";
import type { PlanBody, PlannedNodeRole, PlannedOrder } from "../../../../src/core/model/plan.ts";

function nodeRole(node: string, more: Partial<PlannedNodeRole> = {}): PlannedNodeRole {
  return {
    id: `${node}/db`,
    node,
    role: "db",
    deployment: "one",
    action: "apply",
    steps: [],
    rollout: { onUnreachable: "fail" },
    ...more,
  } as PlannedNodeRole;
}

function body(nodeRoles: readonly PlannedNodeRole[]): PlanBody {
  return { halligan: 1, cluster: "lab", deployments: ["one"], nodeRoles, problems: [] };
}

function viewOf(nodeRoles: readonly PlannedNodeRole[], standing: readonly string[] = []) {
  return viewPlan(body(nodeRoles), "plan", [], new Map(), new Set(standing));
}

const names = ["n1", "n2", "n3", "n4"];
const all = names.map((name) => `${name}/db`);

describe("how many members change at once, and how many of those that stand are down", () => {
  test.each<readonly [string, PlannedOrder | undefined, readonly string[], { batch: number; down: number }]>([
    ["no order, all stand", undefined, all, { batch: 4, down: 4 }],
    ["founder first, the others together", { order: "founder-first" }, all, { batch: 3, down: 3 }],
    ["founder first in twos", { order: "founder-first", batch: 2 }, all, { batch: 2, down: 2 }],
    ["founder first, nothing stands", { order: "founder-first" }, [], { batch: 3, down: 0 }],
    ["founder first, one of them stands", { order: "founder-first" }, ["n3/db"], { batch: 3, down: 1 }],
    ["one by one", { order: "one-by-one" }, all, { batch: 1, down: 1 }],
    ["a quorum of three", { order: "parallel", quorum: 3 }, all, { batch: 1, down: 1 }],
  ])("%s", (_, order, standing, expected) => {
    const view = viewOf(
      names.map((name) => nodeRole(name, order === undefined ? {} : { order })),
      standing,
    );
    expect(view.roles["one/db"]).toMatchObject({ changing: 4, removing: 0, ...expected });
  });

  test("members that are taken away go together, whatever their order", () => {
    const view = viewOf(
      [nodeRole("n1", { action: "remove" }), nodeRole("n2", { action: "remove" }), nodeRole("n3", { action: "skip" })],
      ["n1/db", "n2/db", "n3/db"],
    );
    expect(view.roles["one/db"]).toEqual({ changing: 2, removing: 2, batch: 2, down: 2 });
    expect(view).toMatchObject({ changes: 2, removes: 2, destroys: 2, risk: "destructive", nodes: ["n1", "n2"] });
  });
});

test("what is blocked or unchanged does nothing", () => {
  const blocked = { code: "HOST_UNREACHABLE", message: "away", hint: "", docs: "" } as const;
  const view = viewOf([nodeRole("n1", { action: "skip" }), nodeRole("n2", { blocked })], all);
  expect(view).toMatchObject({ changes: 0, risk: "none", nodes: [], destroys: 0 });
  expect(view.roles["one/db"]).toEqual({ changing: 0, removing: 0, batch: 0, down: 0 });
});

test("how many people must approve follows from the approvals blocks", () => {
  const policy: ApprovalPolicy = { default: defaultApprovalRule, destructive: { ...defaultApprovalRule, people: 2 } };
  const view = (action: "apply" | "remove") =>
    viewPlan(body([nodeRole("n1", { action })]), "plan", [], new Map([["one", policy]]), new Set());
  expect([view("apply").approvers, view("remove").approvers, viewOf([nodeRole("n1")]).approvers]).toEqual([1, 2, 0]);
});
