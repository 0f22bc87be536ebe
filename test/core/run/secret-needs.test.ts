import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../../src/core/adapters/store/sqlite/open.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Json, Store } from "../../../src/core/ports.ts";
import { nextNumber } from "../../../src/core/run/numbers.ts";
import { plansCollection } from "../../../src/core/run/requests.ts";
import { neededSecrets, refuseOldSecrets } from "../../../src/core/run/secret-needs.ts";
import { codeOf } from "../../contract/store-contract.ts";

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "halligan-needs-"));
  store = await openSqliteStore(join(dir, "state.db"));
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const versions = (version: number) => [{ name: "d/b.pw", version }];

async function applied(id: string, version: number | undefined): Promise<void> {
  const rev = (await store.get("applied", id))?.rev ?? 0;
  await store.put("applied", id, { id, undo: [], lateOutputs: {}, ...(version === undefined ? {} : { secrets: versions(version) }) }, rev);
}

async function planned(uses: Readonly<Record<string, number>>): Promise<Plan> {
  const id = `P-${await nextNumber(store, "plans")}`;
  const nodeRoles = Object.entries(uses).map(([nodeRole, version]) => ({ id: nodeRole, secrets: versions(version) }));
  const plan = { id, body: { nodeRoles } } as unknown as Plan;
  await store.put(plansCollection, id, plan as unknown as Json, 0);
  return plan;
}

const needed = async (version: number): Promise<boolean> => (await neededSecrets(store))("d/b.pw", version);

test("an older version stays until a newer one stands on every node-role that uses it", async () => {
  await planned({ "n1/r": 1, "n2/r": 1 });
  expect(await needed(1)).toBe(true); // nothing was applied: a run that failed may have left it
  await applied("n1/r", 1);
  await applied("n2/r", 1);
  await planned({ "n1/r": 2, "n2/r": 2 });
  expect(await needed(1)).toBe(true);
  await applied("n1/r", 2);
  expect(await needed(1)).toBe(true);
  await applied("n2/r", 2);
  expect([await needed(1), await needed(2)]).toEqual([false, true]);
});

test("a node-role that was never applied may hold an older version", async () => {
  await applied("n1/r", 2);
  await planned({ "n1/r": 2, "n2/r": 2 });
  expect(await needed(1)).toBe(true);
});

test("a secret that is used no more stays: files that were made with it may be there", async () => {
  await planned({});
  await applied("n1/other", 0);
  expect(await needed(1)).toBe(true);
});

test("where an applied node-role does not tell, and while a run is open, all stays", async () => {
  await applied("n1/r", 2);
  const plan = await planned({ "n1/r": 2 });
  expect(await needed(1)).toBe(false);
  await store.put("runs", "R-1", { run: "R-1", plan: (await planned({ "n1/r": 1 })).id, by: "ann", at: 1, phase: "requested" }, 0);
  await planned({ "n1/r": 2 });
  expect(await needed(1)).toBe(true);
  await applied("n2/r", undefined);
  expect(await needed(0)).toBe(true);
  expect(plan.id).toBe("P-1");
});

test("a plan with an older version of a secret is refused", async () => {
  const plan = await planned({ "n1/r": 1 });
  await refuseOldSecrets(store, plan);
  await store.put("secrets", "d/b.pw", { version: 1, sealed: "" }, 0);
  await refuseOldSecrets(store, plan);
  await store.put("secrets", "d/b.pw", { version: 2, sealed: "" }, 1);
  expect(await codeOf(refuseOldSecrets(store, plan))).toBe("PLAN_OUTDATED");
});
