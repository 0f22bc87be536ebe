import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSimCluster } from "../../../bench/sim/cluster.ts";
import type { SimCounts } from "../../../bench/sim/options.ts";
import { type Simulator, startSimulator } from "../../../bench/sim/simulator.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import type { PlanOptions } from "../../../src/core/house.ts";
import { refuseOld } from "../../../src/core/commands/planning.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import { closeHouse } from "../../support/close-house.ts";
import { countTransactions, type TransactionCount } from "../../support/transactions.ts";

/**
 * What planning and applying cost, in numbers that do not depend on how fast or busy the machine is. They are upper bounds: whoever makes one smaller
 * lowers it here; whoever has to raise one says why.
 */

const nodes = 5;
const roles = 4;
/** One more role stands on three of the nodes. */
const nodeRoles = nodes * roles + 3;
/** Steps of the usual role; one of them, the packages, finds nothing to do. */
const steps = 5;

let folder: string;
let simulator: Simulator;
let house: EngineHouse;
let transactions: TransactionCount;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-counts-"));
  simulator = await startSimulator(join(folder, "simulator"), { nodes });
  writeSimCluster(folder, simulator, roles);
  house = await openLocalHouse({ file: join(folder, "cluster.yaml") });
  transactions = countTransactions(join(folder, ".halligan/state.db"));
});

afterAll(async () => {
  transactions?.end();
  await closeHouse(house, "scale");
  await simulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Counted = "connections" | "logins" | "channels" | "bytesIn" | "bytesOut";
type Costs = Pick<SimCounts, Counted | "asked"> & { readonly commits: number };

/** What some work costs, on the nodes and in the store. */
async function costsOf<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly costs: Costs }> {
  const [before, commits] = [await simulator.counts(), transactions.count()];
  const result = await work();
  const after = await simulator.counts();
  expect(after.unknown).toBeUndefined();
  const less = (key: Counted): number => after[key] - before[key];
  const asked = Object.fromEntries(
    Object.entries(after.asked).map(([what, count]) => [what, count - before.asked[what as keyof SimCounts["asked"]]]),
  ) as SimCounts["asked"];
  const kinds = { connections: less("connections"), logins: less("logins"), channels: less("channels") };
  return {
    result,
    costs: { ...kinds, asked, bytesIn: less("bytesIn"), bytesOut: less("bytesOut"), commits: transactions.count() - commits },
  };
}

async function plan(more: Pick<PlanOptions, "refresh" | "alone"> = {}): Promise<Plan> {
  return await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal: new AbortController().signal, ...more });
}

/** Runs a plan to its end; gives the types of its events. */
async function carryOut(made: Plan): Promise<string[]> {
  const { run } = await house.requestRun(made, "test", { here: true });
  const types: string[] = [];
  for await (const { event } of house.follow(run, new AbortController().signal)) types.push(event.type);
  expect(types.at(-1)).toBe("run.ended");
  return types;
}

const none = { probe: 0, check: 0, job: 0, attach: 0, clean: 0, other: 0 };

test("a plan, its run, and a run without a change cost no more than they did", async () => {
  const planned = await costsOf(() => plan());
  // One connection per node; one channel to learn its facts, one to ask what would change, however many node-roles there are.
  expect(planned.costs).toMatchObject({ connections: nodes, logins: nodes, channels: nodes + nodes });
  expect(planned.costs.asked).toEqual({ ...none, probe: nodes, check: nodes });
  // A probe is some 30 KB; the functions that the kinds of steps need for a look 15 KB, what each node-role of five steps has of its own 2 KB.
  expect(planned.costs.bytesIn).toBeLessThan(nodes * 50_000 + nodeRoles * 3_000);
  // What is new is shown whole: here some 300 bytes.
  expect(planned.costs.bytesOut).toBeLessThan(nodes * 3_000 + nodeRoles * 900);
  // Facts, the revision, the plan and its numbers: nothing per node-role.
  expect(planned.costs.commits).toBeLessThanOrEqual(16 + 2 * nodes);

  const applied = await costsOf(() => carryOut(planned.result));
  // The connections of the plan, and its channels: the receiver that looked stays for the jobs and removes their folders.
  expect(applied.costs).toMatchObject({ connections: 0, logins: 0, channels: 0 });
  expect(applied.costs.asked).toEqual({ ...none, job: nodeRoles, clean: nodes });
  // What an apply may need of its kinds of steps is 45 KB, the helper that stands for small tools 8 KB.
  expect(applied.costs.bytesIn).toBeLessThan(nodeRoles * 58_000 + nodes * 2_000);
  expect(applied.costs.bytesOut).toBeLessThan(nodeRoles * 700);
  // It goes into transition and is active; each step begins and ends.
  expect(applied.result.length).toBeLessThanOrEqual(nodeRoles * (2 + 2 * steps) + 4);
  // At most: one as it starts, some as its answer arrives in pieces, one for what stands, one as it is active. Alone, each event would be one: 13.
  expect(applied.costs.commits).toBeLessThanOrEqual(nodeRoles * 6 + 30);

  const again = await costsOf(async () => await carryOut(await plan()));
  // The same connections, one question per node, no job, no engine of its own.
  expect(again.costs).toMatchObject({ connections: 0, channels: nodes, asked: { ...none, check: nodes } });
  expect(again.costs.bytesOut).toBeLessThan(nodeRoles * 700);
  expect(again.result).toEqual(["intent.run", "run.started", "run.ended"]);
  expect(again.costs.commits).toBeLessThanOrEqual(24);
});

test("a command keeps connections only where its run will need them", async () => {
  // Nothing would be done on any node: what came before has closed its connections, and this plan closes its own.
  expect((await costsOf(() => plan())).costs).toMatchObject({ connections: nodes });
  writeSimCluster(folder, simulator, roles, "debug");
  await house.close();
  house = await openLocalHouse({ file: join(folder, "cluster.yaml") });
  // One node-role of each node would change.
  const alone = await costsOf(() => plan({ alone: true }));
  expect(alone.costs).toMatchObject({ connections: nodes });
  const planned = await costsOf(() => plan());
  expect(planned.costs).toMatchObject({ connections: nodes });
  expect(planned.result.body.nodeRoles.filter(({ action }) => action !== "skip")).toHaveLength(nodes);
  expect((await costsOf(() => plan())).costs).toMatchObject({ connections: 0 });
  await house.close();
  writeSimCluster(folder, simulator, roles);
  house = await openLocalHouse({ file: join(folder, "cluster.yaml") });
});

test("a plan that asks no node tells what an edit touches, and is never carried out", async () => {
  await house.close();
  writeSimCluster(folder, simulator, roles, "debug");
  house = await openLocalHouse({ file: join(folder, "cluster.yaml") });
  const { result, costs } = await costsOf(() => plan({ refresh: "no" }));
  expect(costs).toMatchObject({ connections: 0, channels: 0 });
  const touched = result.body.nodeRoles.filter(({ action }) => action !== "skip");
  expect(touched.map(({ id }) => id).toSorted()).toEqual(simulator.nodes.map(({ name }) => `${name}/role-1`).toSorted());
  expect(new Set(touched.flatMap((each) => each.steps.map(({ change }) => change)))).toEqual(new Set(["unknown"]));
  expect(result.body.purpose).toEqual({ kind: "preview" });
  await expect(house.requestRun(result, "test")).rejects.toMatchObject({ problems: [{ code: "PLAN_PREVIEW" }] });
  await expect(refuseOld(house, result)).rejects.toMatchObject({ problems: [{ code: "PLAN_PREVIEW" }] });
  const edited = await plan();
  // One node-role of each node is another one than was applied: the receiver that looked at them stays for its job.
  expect((await costsOf(() => carryOut(edited))).costs).toMatchObject({ channels: 0, asked: { ...none, job: nodes, clean: nodes } });
  expect((await plan({ refresh: "no" })).body.nodeRoles.filter(({ action }) => action !== "skip")).toEqual([]);
});
