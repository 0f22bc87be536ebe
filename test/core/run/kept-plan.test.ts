import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { Plan, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import type { Json } from "../../../src/core/ports.ts";
import { planDigest } from "../../../src/core/plan/canonical.ts";
import { decodePlan, encodePlan } from "../../../src/core/run/kept-plan.ts";
import { keepPlan, readPlan } from "../../../src/core/run/requests.ts";
import { planBody, plannedNodeRole } from "./plans.ts";

function planOf(...nodeRoles: readonly PlannedNodeRole[]): Plan {
  const body = planBody(...nodeRoles);
  return { id: "P-1", digest: planDigest(body), body, author: "ann", at: 1, revision: "sha256:01", facts: "sha256:02", because: {} };
}

/** As a store gives it back. */
const kept = (plan: Plan): Json => JSON.parse(JSON.stringify(encodePlan(plan))) as Json;

/** So many nodes with role `b`, each of which waits for role `a` on all of them. */
function crowd(count: number): Plan {
  const names = Array.from({ length: count }, (_, at) => `n-${at}`);
  const after = names.map((name) => `${name}/a` as const);
  const { steps } = plannedNodeRole("n", "b");
  return planOf(
    ...names.map((name) => plannedNodeRole(name, "a", { steps })),
    ...names.map((name) => plannedNodeRole(name, "b", { steps, after, cohort: 1, secrets: [{ name: "d/b.key", version: 2 }] })),
  );
}

test("a plan comes back as it was, with its digest; what was one object is one object again", () => {
  const plan = crowd(3);
  const back = decodePlan(kept(plan));
  expect(back).toEqual(plan);
  expect(planDigest(back.body)).toBe(plan.digest);
  const [first, , , fourth, fifth] = back.body.nodeRoles;
  expect(fifth?.after).toBe(fourth?.after);
  expect(fifth?.steps).toBe(first?.steps);
});

test("lists that are equal and not one object are kept too, and so is a plan without node-roles", () => {
  const plan = planOf(plannedNodeRole("n-1", "a"), plannedNodeRole("n-2", "a", { blocked: problem("BUG", { message: "x" }) }));
  expect(decodePlan(kept(plan))).toEqual(plan);
  expect(decodePlan(kept(planOf()))).toEqual(planOf());
});

test("a plan that an earlier version kept is read as it is", () => {
  const plan = crowd(2);
  expect(decodePlan(JSON.parse(JSON.stringify(plan)) as Json)).toEqual(plan);
});

test("a plan whose lists of steps an earlier version kept among the shared parts is read", () => {
  const plan = crowd(2);
  const {
    lists: _,
    shared,
    steps,
    ...rest
  } = kept(plan) as unknown as { lists: Json; shared: Json[]; steps: Json; body: { nodeRoles: object[] } };
  const nodeRoles = rest.body.nodeRoles.map((each) => ({ ...each, steps: shared.length }));
  expect(decodePlan({ ...rest, body: { ...rest.body, nodeRoles }, shared: [...shared, steps] } as unknown as Json)).toEqual(plan);
});

test("a step that is one object in lists that differ is kept once, and is one object again", () => {
  const [common] = plannedNodeRole("n", "b").steps;
  if (common === undefined) throw new Error("the test's node-role has no step");
  const own = (node: string): PlannedNodeRole => plannedNodeRole(node, "b", { steps: [common, { ...common, diff: `+name=${node}` }] });
  const plan = planOf(own("n-1"), own("n-2"), own("n-3"));
  expect((kept(plan) as unknown as { steps: object[] }).steps).toHaveLength(4);
  const back = decodePlan(kept(plan));
  expect(back).toEqual(plan);
  expect(new Set(back.body.nodeRoles.map(({ steps }) => steps[0])).size).toBe(1);
});

test("what is kept grows with the nodes, not with their square", () => {
  const size = (count: number): number => JSON.stringify(encodePlan(crowd(count))).length;
  expect(size(400) / size(100)).toBeLessThan(4.5);
});

test("who made a plan has it as long as it is at hand, others read it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-plan-"));
  const [store, other] = [await openStore(join(folder, "state.db")), await openStore(join(folder, "state.db"))];
  try {
    const plan = crowd(2);
    await keepPlan(store, plan);
    expect(await readPlan(store, "P-1")).toBe(plan);
    const read = await readPlan(other, "P-1");
    expect(read).not.toBe(plan);
    expect(read).toEqual(plan);
    await expect(readPlan(store, "P-2")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  } finally {
    await Promise.all([store.close(), other.close()]);
    rmSync(folder, { recursive: true });
  }
});
