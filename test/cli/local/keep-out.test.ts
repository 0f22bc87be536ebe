import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepOthersOut } from "../../../src/cli/local/keep-out.ts";
import { openState } from "../../../src/core/adapters/store/open.ts";
import type { State } from "../../../src/core/adapters/store/state.ts";
import { engineLease } from "../../../src/core/run/engine.ts";

let folder: string;
let state: State;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-keep-out-"));
  state = await openState({ url: join(folder, "state.db"), logs: join(folder, "logs") });
});
afterEach(async () => {
  await state.store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("no engine gets in while a store is copied, of no cluster that was ever in it, nor for long after a copy that was killed", async () => {
  const other = await state.store.acquire(engineLease("other"), "deck:1", 1_000);
  if (other !== undefined) await state.store.release(other);
  const kept = await keepOthersOut(state, "lab");
  for (const cluster of ["lab", "other"]) {
    expect(await state.store.acquire(engineLease(cluster), "deck:2", 1_000)).toBeUndefined();
    const { expiresAt = Number.POSITIVE_INFINITY } = (await state.store.holder(engineLease(cluster))) ?? {};
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(30_000);
  }
  kept.assert();
  await kept.letIn();
  for (const cluster of ["lab", "other"]) expect(await state.store.acquire(engineLease(cluster), "deck:2", 60_000)).toBeDefined();
});

test.each(["engine:lab", "worker:eu-1", "node:n1", "slack-publisher:lab"])(
  "%s that somebody holds is in the way, and nothing is held after",
  async (name) => {
    const held = await state.store.acquire(name, "deck:7", 60_000);
    await expect(keepOthersOut(state, "lab")).rejects.toMatchObject({
      code: "STORE_IN_USE",
      message: expect.stringContaining("deck:7") as unknown,
    });
    expect((await state.store.holder(engineLease("lab")))?.owner).toBe(name === "engine:lab" ? "deck:7" : undefined);
    if (held !== undefined) await state.store.release(held);
    await (await keepOthersOut(state, "lab")).letIn();
  },
);
