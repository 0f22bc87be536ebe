import { expect, test } from "vitest";
import type { NodeRoleState } from "../../../src/core/journal/events.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlannedNodeRole } from "../../../src/core/model/plan.ts";
import type { NodeRoleProgress } from "../../../src/core/run/state.ts";
import { createSweep } from "../../../src/core/run/sweep.ts";

type Swept = { readonly jobs: Readonly<Record<string, readonly string[]>>; readonly emptied: readonly string[] };

/** A run of two roles on each of so many nodes, and what is swept of it. */
function run(
  nodes: number,
  { spared = [], doubtful = [] }: { readonly spared?: readonly string[]; readonly doubtful?: readonly string[] } = {},
) {
  const nodeRoles = new Map<NodeRoleId, NodeRoleProgress>();
  const put = (node: string, role: string, state: NodeRoleState, job?: string): NodeRoleId => {
    const id = `${node}/${role}` as NodeRoleId;
    const planned = { id, node, role } as PlannedNodeRole;
    nodeRoles.set(id, { planned, state, attempt: 1, changed: 0, since: 0, ...(job === undefined ? {} : { job }) });
    return id;
  };
  for (let n = 1; n <= nodes; n += 1) for (const role of ["web", "app"]) put(`n${n}`, role, "waiting");
  const swept: Swept[] = [];
  const ends: (() => void)[] = [];
  const sweep = createSweep(
    nodeRoles,
    { spared: (id) => spared.includes(id), certain: (node) => !doubtful.includes(node) },
    async (byNode, emptied) => {
      swept.push({ jobs: Object.fromEntries(byNode), emptied: [...emptied] });
      await new Promise<void>((resolve) => ends.push(resolve));
    },
  );
  const settle = (node: string, role: string, state: NodeRoleState = "active"): void =>
    sweep.settled(put(node, role, state, state === "blocked" ? undefined : `job.${role}`));
  const nodeNames = (): string[] => swept.flatMap(({ jobs }) => Object.keys(jobs));
  return { sweep, settle, swept, nodeNames, end: () => ends.splice(0).forEach((each) => each()) };
}

test("nodes that have nothing left to do are swept sixty-four at a time, the others at the end", async () => {
  const { sweep, settle, swept, nodeNames, end } = run(100);
  for (let n = 1; n <= 63; n += 1) for (const role of ["web", "app"]) settle(`n${n}`, role);
  settle("n64", "web");
  expect(swept).toEqual([]);
  settle("n64", "app");
  expect(swept.map(({ jobs }) => Object.keys(jobs).length)).toEqual([64]);
  expect(swept[0]?.jobs["n64"]).toEqual(["job.web", "job.app"]);

  settle("n65", "web");
  settle("n66", "app", "blocked");
  let over = false;
  const rest = sweep.rest().then(() => {
    over = true;
  });
  expect(swept.slice(1)).toEqual([{ jobs: { n65: ["job.web"] }, emptied: [] }]);
  expect(new Set(nodeNames()).size).toBe(65);
  await Promise.resolve();
  expect(over).toBe(false); // what was begun while the run went on is waited for, too
  end();
  await rest;
});

test("what is spared stays; nodes that a role left, and those to which something may still be on its way, are swept at the end", async () => {
  const { sweep, settle, swept, end } = run(70, { spared: ["n2/web"], doubtful: ["n3"] });
  settle("n1", "web", "retired");
  settle("n1", "app");
  for (let n = 2; n <= 66; n += 1)
    for (const role of ["web", "app"]) settle(`n${n}`, role, n === 2 && role === "web" ? "unknown" : "active");
  expect(swept).toHaveLength(1);
  expect(swept[0]?.jobs["n2"]).toEqual(["job.app"]);
  expect(Object.keys(swept[0]?.jobs ?? {})).toHaveLength(64);
  expect(swept[0]?.jobs).not.toHaveProperty("n1");
  expect(swept[0]?.jobs).not.toHaveProperty("n3");
  const rest = sweep.rest();
  expect(swept.slice(1)).toEqual([{ jobs: { n1: ["job.web", "job.app"], n3: ["job.web", "job.app"] }, emptied: ["n1"] }]);
  end();
  await rest;
});
