import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockedTries, takeOver } from "../../src/cli/house/take-over.ts";
import { openSqliteStore } from "../../src/core/adapters/store/sqlite/open.ts";
import { fail } from "../../src/core/errors.ts";
import type { Clock, Store } from "../../src/core/ports.ts";
import type { EngineOptions } from "../../src/core/run/engine.ts";
import { codeOf } from "../contract/store-contract.ts";
import { temporaryFolder } from "./run-cli.ts";

/** A standby asks again for a store that a frozen starter keeps to itself, and for nothing else. */

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
beforeEach(async () => {
  folder = temporaryFolder();
  store = await openSqliteStore(join(folder.path, "state.db"));
});
afterEach(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

const unavailable = fail("STORE_UNAVAILABLE", { message: "Another process has held the store." });
const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const carryOut: EngineOptions["carryOut"] = async () => {
  throw new Error("there is no run");
};

/** An engine without work whose store refuses what `method` does so many times. */
function engineOn(method: "acquire" | "head", refusals: number, error: Error = unavailable) {
  const asked = { times: 0 };
  const refusing = new Proxy(store, {
    get: (of, name, self) =>
      name === method
        ? async (...args: unknown[]) => {
            if (asked.times++ < refusals) throw error;
            return await (Reflect.get(of, name, self) as (...given: unknown[]) => Promise<unknown>).apply(of, args);
          }
        : Reflect.get(of, name, self),
  });
  const engine: EngineOptions = { store: refusing, clock, cluster: "test", owner: "host:1:1:here", lingerMs: 0, carryOut };
  return { asked, over: () => takeOver(engine, new AbortController().signal) };
}

test("it asks again until the store answers", async () => {
  const { asked, over } = engineOn("acquire", 3);
  expect(await over()).toBe(true);
  expect(asked.times).toBeGreaterThan(3);
});

test("it gives up after some minutes, with what the store said", async () => {
  const { asked, over } = engineOn("acquire", Number.POSITIVE_INFINITY);
  expect(await codeOf(over())).toBe("STORE_UNAVAILABLE");
  expect(asked.times).toBe(lockedTries + 1);
});

test("another fault, and one after it has had the lease, is not asked about again", async () => {
  const full = engineOn("acquire", Number.POSITIVE_INFINITY, fail("STORE_FULL", { message: "There is no room." }));
  expect(await codeOf(full.over())).toBe("STORE_FULL");
  expect(full.asked.times).toBe(1);
  const later = engineOn("head", Number.POSITIVE_INFINITY);
  expect(await codeOf(later.over())).toBe("STORE_UNAVAILABLE");
  expect(later.asked.times).toBe(1);
});

test("where another engine has the lease it says so at once", async () => {
  await store.acquire("engine:test", "host:2:2:here", 60_000);
  expect(await engineOn("acquire", 0).over()).toBe(false);
});
