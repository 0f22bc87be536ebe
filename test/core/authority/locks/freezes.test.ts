import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { liftFreeze, liftedUntil, setFreeze } from "../../../../src/core/authority/locks/freeze-desk.ts";
import { createFreezeJudge } from "../../../../src/core/authority/locks/freeze-judge.ts";
import { freezesAhead, readFreezes } from "../../../../src/core/authority/locks/freeze-state.ts";
import { hasCode } from "../../../../src/core/errors.ts";
import { loadCluster } from "../../../../src/core/files/load-cluster.ts";
import type { FreezeWindow } from "../../../../src/core/model/freeze-window.ts";
import type { Plan } from "../../../../src/core/model/plan.ts";
import type { Clock, Store } from "../../../../src/core/ports.ts";

let folder: string;
let store: Store;
let now: number;
const clock: Clock = { now: () => now, sleep: async () => undefined };
const plan = { id: "P-1", body: { deployments: ["web"], nodeRoles: [] } } as unknown as Plan;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-freezes-"));
  store = await openStore(join(folder, "state.db"));
  now = Date.parse("2026-11-27T12:00Z"); // a Friday
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function clusterOf(freezes: string) {
  const text = `halligan: 1\ncluster: c\nnodes: { n1: { address: 10.0.0.1 } }\ndeployments: { web: { place: { r: all } } }\nfreezes:\n${freezes}`;
  return loadCluster({ file: "cluster.yaml", text, defaults: { user: "ops" } });
}

function windowsOf(freezes: string): readonly FreezeWindow[] {
  const { cluster, problems } = clusterOf(freezes);
  expect(problems).toEqual([]);
  return cluster?.freezes ?? [];
}

const weekend = "  weekend: { from: fri 16:00, to: mon 08:00, zone: Europe/Berlin, reason: nobody is there }\n";

test("a freeze holds while it is in force, whoever set it, and never a request", async () => {
  const judge = createFreezeJudge({ store, clock, windows: async () => [] });
  const wish = { deployments: ["web"], from: now + 1000, until: now + 5000, reason: "press event", by: "ann" };
  await setFreeze({ store, clock }, wish);
  expect(await judge({ phase: "start", plan, by: "ann" })).toEqual([]);
  now += 1000;
  for (const phase of ["start", "batch", "plan"] as const) {
    expect(await judge({ phase, plan, by: "ann" })).toMatchObject([
      {
        kind: "freeze",
        final: false,
        until: wish.until,
        problem: { code: "FREEZE_ACTIVE", hint: expect.stringMatching(/`halligan unfreeze F-1`/u) },
      },
    ]);
  }
  expect(await judge({ phase: "request", plan, by: "ann" })).toEqual([]);
  const other = { ...plan, body: { ...plan.body, deployments: ["db"] } } as Plan;
  expect(await judge({ phase: "start", plan: other, by: "ann" })).toEqual([]);
  now += 4000;
  expect(await judge({ phase: "start", plan, by: "ann" })).toEqual([]);
});

test("freezes that would be over or upside down are refused", async () => {
  const wish = { deployments: [], reason: "r", by: "ann" };
  for (const [from, until] of [
    [now - 2000, now],
    [now + 2000, now + 1000],
  ] as const) {
    const refused = await setFreeze({ store, clock }, { ...wish, from, until }).catch((error: unknown) => error);
    expect(hasCode(refused, "TIME_INVALID")).toBe(true);
  }
});

test("a lifted freeze is gone; its number is not given out again", async () => {
  const wish = { deployments: [], from: now, until: now + 5000, reason: "r", by: "ann" };
  expect((await setFreeze({ store, clock }, wish)).freeze).toBe("F-1");
  await liftFreeze({ store, clock }, [], "F-1", "bob");
  expect(freezesAhead(await readFreezes(store), [], now)).toEqual([]);
  expect((await setFreeze({ store, clock }, wish)).freeze).toBe("F-2");
  const again = await liftFreeze({ store, clock }, [], "F-1", "bob").catch((error: unknown) => error);
  expect(hasCode(again, "FREEZE_NOT_FOUND")).toBe(true);
});

test("a window of the cluster file holds every week; lifting leaves out one occurrence", async () => {
  const windows = windowsOf(weekend);
  const judge = createFreezeJudge({ store, clock, windows: async () => windows });
  expect(await judge({ phase: "start", plan, by: "ann" })).toEqual([]);
  now = Date.parse("2026-11-28T12:00Z");
  const [held] = await judge({ phase: "start", plan, by: "ann" });
  expect(held?.until).toBe(Date.parse("2026-11-30T07:00Z"));
  expect(held?.problem.message).toBe("The cluster is frozen until 2026-11-30 08:00 Europe/Berlin (weekend): nobody is there.");
  await liftFreeze({ store, clock }, windows, "weekend", "ann");
  expect(await judge({ phase: "start", plan, by: "ann" })).toEqual([]);
  expect(liftedUntil(await readFreezes(store), windows[0] as FreezeWindow, now)).toBe(Date.parse("2026-11-30T07:00Z"));
  expect(freezesAhead(await readFreezes(store), windows, now)[0]?.from).toBe(Date.parse("2026-12-04T15:00Z"));
  now = Date.parse("2026-12-05T12:00Z");
  expect(await judge({ phase: "start", plan, by: "ann" })).toHaveLength(1);
});

test("all that is wrong with windows is told, each with its place", () => {
  const { problems } = clusterOf(
    "  a: { from: fri 16:00, to: 08:00, zone: Europe/Berlin, reason: r }\n  b: { from: 25:00, to: 08:00, zone: Berlin, reason: r, deployments: [wbe] }\n",
  );
  expect(problems.map(({ code, at }) => [code, at !== undefined && "line" in at ? at.line : 0])).toEqual([
    ["FREEZE_INVALID", 6],
    ["FREEZE_INVALID", 7],
    ["FREEZE_INVALID", 7],
    ["DEPLOYMENT_UNKNOWN", 7],
  ]);
  expect(problems[3]?.hint).toContain("web");
  expect(clusterOf("  a: { from: fri 16:00, to: mon 08:00, reason: r }\n").problems[0]).toMatchObject({ code: "KEY_MISSING" });
});

test("a journal that cannot be read freezes everything", async () => {
  const judge = createFreezeJudge({ store, clock, windows: async () => [] });
  await store.append("freezes", [{ type: "freeze.set", data: { nonsense: true } }]);
  await expect(judge({ phase: "batch", plan, by: "ann" })).rejects.toThrow("STORE_CORRUPT");
});
