import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { fail } from "../../../src/core/errors.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Json, Store } from "../../../src/core/ports.ts";
import { runEngine } from "../../../src/core/run/engine.ts";
import { askOfRun, plansCollection, readRunState, requestRun } from "../../../src/core/run/requests.ts";
import { planBody, plannedNodeRole } from "./plans.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-engine-"));
  store = await openStore(join(folder, "state.db"));
  const body = planBody(plannedNodeRole("n1", "web"));
  const plan: Plan = { id: "P-1", digest: "sha256:02", body, author: "ann", at: 1, revision: "sha256:01", facts: "sha256:03" };
  await store.put(plansCollection, "P-1", plan as unknown as Json, 0);
  await requestRun(store, plan, "ann", 1);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** An engine of a user who is no recipient of the cluster's secrets. */
function stranger(): Promise<boolean> {
  const carryOut = async (): Promise<never> => {
    throw fail("SECRET_UNREADABLE", { message: "The secret web/app.key cannot be opened." });
  };
  return runEngine({ store, clock: systemClock, cluster: "c", owner: "stranger", lingerMs: 0, carryOut }, new AbortController().signal);
}

test("an engine that cannot open the secrets leaves the run to another", async () => {
  await expect(stranger()).rejects.toMatchObject({ code: "SECRET_UNREADABLE" });
  expect((await readRunState(store, "R-1")).state.phase).toBe("requested");
});

test("a run that was cancelled ends without its secrets", async () => {
  await askOfRun(store, "R-1", { kind: "cancel", how: "after-step" }, "ann");
  await stranger();
  expect(["failed", "cancelled"]).toContain((await readRunState(store, "R-1")).state.phase);
});
