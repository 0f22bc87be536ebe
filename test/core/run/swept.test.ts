import { getEventListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { runStream, toStored } from "../../../src/core/journal/events.ts";
import type { PlannedNodeRole } from "../../../src/core/model/plan.ts";
import type { Json, Store } from "../../../src/core/ports.ts";
import { carryOut, readRun } from "../../../src/core/run/annealer.ts";
import type { Executor } from "../../../src/core/run/executor.ts";
import { plansCollection, requestRun } from "../../../src/core/run/requests.ts";
import { appliedNodeRole, planBody, plannedNodeRole } from "./plans.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-swept-"));
  store = await openStore(join(folder, "state.db"));
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Nodes that were swept together, and how many node-roles had been settled by then. */
interface Sweep {
  readonly nodes: readonly string[];
  readonly settled: number;
}

/**
 * Carries out a run of one role on each of 80 nodes whose jobs all succeed, one after the other; those of `shaky` after a connection was lost. `before`: events of
 * an engine of before.
 */
async function run({
  shaky = [],
  before = [],
  workers = false,
}: {
  shaky?: string[];
  before?: string[];
  workers?: boolean;
}): Promise<readonly Sweep[]> {
  const nodeRoles = Array.from({ length: 80 }, (_, index) => plannedNodeRole(`n${index + 1}`, "web"));
  const plan = {
    id: "P-1" as const,
    digest: "sha256:02" as const,
    body: planBody(...nodeRoles),
    author: "ann",
    at: 1,
    revision: "sha256:01",
    facts: "sha256:03",
  } as const;
  await store.put(plansCollection, plan.id, plan as unknown as Json, 0);
  await requestRun(store, plan, "ann", 1);
  for (const node of before) {
    const event = { type: "noderole.moved", v: 1, id: `${node}/web`, state: "transition", attempt: 1, job: "feedbeef.R-1.1.web" } as const;
    await store.append(
      runStream("R-1"),
      [
        toStored({
          type: "run.started",
          v: 1,
          run: "R-1",
          plan: "P-1",
          digest: plan.digest,
          by: "ann",
          nodeRoles: 80,
          steps: 80,
          engine: "deck:0",
        }),
      ],
      { commandId: "started" },
    );
    await store.append(runStream("R-1"), [toStored(event)], { commandId: `moved:${node}/web:1:transition` });
  }
  const lease = await store.acquire("engine:test", "deck:1", 60_000);
  if (lease === undefined) throw new Error("another engine of the test holds the lease");
  const sweeps: Sweep[] = [];
  const executor: Executor = {
    async execute({ planned: { node } }, outlets) {
      if (shaky.includes(node)) await outlets.append({ type: "node.contact", v: 1, node, contact: "lost", reason: "cut" }, `${node}:lost`);
      return { end: "done", changed: 1 };
    },
    cancel: async () => undefined,
    async clean(byNode) {
      const events = await readRun(store, "R-1");
      sweeps.push({
        nodes: [...byNode.keys()],
        settled: events.filter((event) => event.type === "noderole.moved" && event.state === "active").length,
      });
    },
    ...(workers ? { heard: () => undefined } : {}),
  };
  const workshop = { misfit: () => undefined, record: (planned: PlannedNodeRole) => appliedNodeRole(planned.id) };
  const fence = { lease: lease.lease, token: lease.token };
  const options = {
    store,
    clock: systemClock,
    fence,
    scope: "feedbeef",
    engine: "deck:1",
    plan,
    workshop: workshop as never,
    gate: async () => [],
    executor,
    limits: { maxJobs: 1 },
  };
  const { signal } = new AbortController();
  expect((await carryOut("R-1", options, signal)).phase).toBe("succeeded");
  // Whoever asked may live for months and carry out thousands of runs: what still listened would keep this one in memory.
  expect(getEventListeners(signal, "abort")).toEqual([]);
  return sweeps;
}

const all = Array.from({ length: 80 }, (_, index) => `n${index + 1}`);

test("most nodes of a large run are swept before it is over, each once", async () => {
  const sweeps = await run({});
  expect(sweeps.map(({ nodes }) => nodes.length)).toEqual([64, 16]);
  expect(sweeps[0]?.settled).toBeLessThan(80);
  expect(sweeps.flatMap(({ nodes }) => nodes).toSorted()).toEqual(all.toSorted());
});

test("nodes to which a connection was lost, and those with jobs of an engine of before, are swept when all is settled", async () => {
  const [early, late] = await run({ shaky: ["n7"], before: ["n9"] });
  expect(early?.nodes).toHaveLength(64);
  expect(early?.nodes).not.toContain("n7");
  expect(early?.nodes).not.toContain("n9");
  expect(late?.nodes).toEqual(expect.arrayContaining(["n7", "n9"]));
  expect(late?.settled).toBe(80);
});

test("where workers carry out jobs nothing is swept before all is settled", async () => {
  const sweeps = await run({ workers: true });
  expect(sweeps.map(({ nodes, settled }) => [nodes.length, settled])).toEqual([[80, 80]]);
});
