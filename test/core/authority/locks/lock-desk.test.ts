import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { createLockJudge } from "../../../../src/core/authority/locks/lock-judge.ts";
import { readLocks, releaseLocks, takeLocks } from "../../../../src/core/authority/locks/lock-desk.ts";
import { locksHeld } from "../../../../src/core/authority/locks/lock-state.ts";
import { HalliganError, hasCode } from "../../../../src/core/errors.ts";
import type { Plan } from "../../../../src/core/model/plan.ts";
import type { Clock, Store } from "../../../../src/core/ports.ts";

const racer = fileURLToPath(new URL("../../../support/lock-racer.ts", import.meta.url));
let folder: string;
let store: Store;
let now = 1_000_000;
const clock: Clock = { now: () => now, sleep: async () => undefined };
const plan = { id: "P-1", body: { deployments: ["web"], nodeRoles: [] } } as unknown as Plan;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-locks-"));
  store = await openStore(join(folder, "state.db"));
  now = Date.now();
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const refusal = async (work: Promise<unknown>): Promise<HalliganError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HalliganError) return error;
  throw new Error("it was not refused");
};

test("two processes that race for one lock never hold it at the same time, and both get their turns", { timeout: 60_000 }, async () => {
  const url = join(folder, "state.db");
  const run = async (person: string): Promise<{ got: number; refused: number }> => {
    const { stdout } = await promisify(execFile)(process.execPath, [racer, url, person, "25"]);
    return JSON.parse(stdout) as { got: number; refused: number };
  };
  const [ann, bob] = await Promise.all([run("ann"), run("bob")]);
  expect([ann.got, bob.got]).toEqual([25, 25]);
  const held = await store.read({ stream: "held" });
  expect(held).toHaveLength(100);
  // whoever went in came out before anybody else went in
  const turns = held.map(({ type, data }) => ({ type, person: (data as { readonly person: string }).person }));
  const broken = turns.filter(({ type, person }, index) => {
    const next = turns[index + 1];
    return type === "in" ? next?.type !== "out" || next.person !== person : next !== undefined && next.type !== "in";
  });
  expect(broken).toEqual([]);
  expect(locksHeld(await readLocks(store), Date.now())).toEqual([]);
});

test("a lock that somebody holds is refused with who, why and until when", async () => {
  await takeLocks({ store, clock }, { deployments: ["web"], holder: "ann", reason: "INC-311", until: now + 60_000 });
  const error = await refusal(takeLocks({ store, clock }, { deployments: [], holder: "bob", reason: "x" }));
  expect(error.code).toBe("LOCK_HELD");
  expect(error.problems[0].message).toMatch(/^Deployment web is locked by ann: INC-311, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/u);
  // Without the deployment the command would take the lock of the whole cluster.
  expect(error.problems[0].hint).toContain("`halligan unlock web --force --reason TEXT`");
});

test("others cannot unlock; an admin's force names whom it took the lock from", async () => {
  await takeLocks({ store, clock }, { deployments: ["web"], holder: "ann", reason: "INC-311" });
  expect((await refusal(releaseLocks({ store, clock }, { deployments: ["web"], by: "bob" }))).code).toBe("LOCK_NOT_YOURS");
  const freed = await releaseLocks({ store, clock }, { deployments: ["web"], by: "bob", forced: { reason: "on a plane" } });
  expect(freed).toMatchObject([{ holder: "ann", deployment: "web" }]);
  const last = (await store.read({ stream: "locks" })).at(-1);
  expect(last).toMatchObject({ type: "lock.released", data: { by: "bob", forced: { from: "ann", reason: "on a plane" } } });
  expect((await refusal(releaseLocks({ store, clock }, { deployments: ["web"], by: "ann" }))).code).toBe("LOCK_NOT_FOUND");
});

test("the judge holds others and says when it ends; the holder, and who took the run over, may go on; asking is always possible", async () => {
  const judge = createLockJudge({ store, clock });
  await takeLocks({ store, clock }, { deployments: [], holder: "ann", reason: "INC-311", until: now + 60_000 });
  const held = await judge({ phase: "batch", plan, by: "bob" });
  expect(held).toMatchObject([{ kind: "lock", until: now + 60_000, final: false, problem: { code: "LOCK_HELD" } }]);
  expect(await judge({ phase: "start", plan, by: "ann" })).toEqual([]);
  expect(await judge({ phase: "start", plan, by: "bob", owner: "ann" })).toEqual([]);
  expect(await judge({ phase: "request", plan, by: "bob" })).toEqual([]);
  now += 60_000;
  expect(await judge({ phase: "start", plan, by: "bob" })).toEqual([]);
});

test("what the judge says does not change while it waits: a run that is held is journalled once", async () => {
  const judge = createLockJudge({ store, clock });
  await takeLocks({ store, clock }, { deployments: ["web"], holder: "ann", reason: "INC-311", until: now + 600_000 });
  const first = await judge({ phase: "start", plan, by: "bob" });
  now += 300_000;
  expect(await judge({ phase: "start", plan, by: "bob" })).toEqual(first);
});

test("a store that cannot be read, or holds what this version does not know, lets nothing through", async () => {
  const judge = createLockJudge({ store, clock });
  await store.append("locks", [{ type: "lock.of-the-future", data: {} }]);
  expect((await refusal(judge({ phase: "start", plan, by: "bob" }))).code).toBe("STORE_CORRUPT");
  const down = {
    ...store,
    read: () => Promise.reject(new HalliganError([{ code: "STORE_UNAVAILABLE", message: "down", hint: "", docs: "" }])),
  };
  const error = await refusal(createLockJudge({ store: down, clock })({ phase: "batch", plan, by: "bob" }));
  expect(hasCode(error, "STORE_UNAVAILABLE")).toBe(true);
});
