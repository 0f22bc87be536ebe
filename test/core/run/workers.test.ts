import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import type { ClusterNode } from "../../../src/core/model/cluster.ts";
import type { Doc, Json, Lease } from "../../../src/core/ports.ts";
import { limitsOf, Room } from "../../../src/core/run/label-limits.ts";
import { fenceText } from "../../../src/core/run/remote/node-shell.ts";
import { readAssignment } from "../../../src/core/run/workers/assignment.ts";
import { placeOf } from "../../../src/core/run/workers/places.ts";
import { isUsable, readWorkers, type SeenWorker } from "../../../src/core/run/workers/presence.ts";
import { takeTurn } from "../../../src/core/run/workers/turn.ts";
import { createWorkerJudge } from "../../../src/core/run/workers/worker-judge.ts";
import { createScheduler, createWholeScheduler } from "../../../src/core/run/schedule.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { freshRun, planBody, plannedNodeRole } from "./plans.ts";

const here: SeenWorker = {
  name: "w1",
  site: "eu",
  host: "deck",
  pid: 1,
  version: "0.1.0",
  concurrency: 50,
  running: 0,
  draining: false,
  problem: null,
  since: 1,
  seenAt: 1,
  alive: true,
};

/** A store in which these workers are. */
function listing(...workers: readonly SeenWorker[]): Parameters<typeof readWorkers>[0] {
  const lease = (owner: string): Lease => ({ lease: `worker:${owner}`, owner, token: 1, expiresAt: 1 });
  return {
    list: async <T extends Json>() =>
      workers.map(({ alive: _alive, ...info }) => ({ key: info.name, value: info as unknown as T, rev: 1 }) as Doc<T>),
    holder: async (name) => (workers.some((each) => each.alive && name === `worker:${each.name}`) ? lease(name) : undefined),
  };
}

function node(name: string, labels: Readonly<Record<string, string>>): ClusterNode {
  return { name, labels } as ClusterNode;
}

test("a worker gets jobs of its site when it lives, is of the engine's version and takes jobs", async () => {
  expect(isUsable(here, "eu", "0.1.0")).toBe(true);
  for (const other of [
    { site: "us" },
    { site: null },
    { alive: false },
    { draining: true },
    { version: "0.2.0" },
    { problem: problem("NOT_A_RECIPIENT", { message: "Not sealed for it." }) },
  ])
    expect([other, isUsable({ ...here, ...other }, "eu", "0.1.0")]).toEqual([other, false]);
  expect(isUsable({ ...here, site: null }, undefined, "0.1.0")).toBe(true);
  expect((await readWorkers(listing(here, { ...here, name: "a", alive: false }))).map(({ name, alive }) => [name, alive])).toEqual([
    ["a", false],
    ["w1", true],
  ]);
  expect(new Set([placeOf("eu", "1"), placeOf("eu", "2"), placeOf(undefined, "1")]).size).toBe(3);
});

test("a run is held for a site that only workers may touch, and told why", async () => {
  const nodes = [node("n1", { site: "eu" }), node("n2", { site: "us" }), node("n3", {})];
  const ask = (starting: readonly string[], ...workers: readonly SeenWorker[]) =>
    createWorkerJudge(
      listing(...workers),
      nodes,
      ["eu"],
      "0.1.0",
    )({ phase: "batch", plan: {} as never, by: "ann", starting: starting as never });
  expect(await ask(["n1/web"], here)).toEqual([]);
  expect(await ask(["n2/web", "n3/web"])).toEqual([]);
  const [holdup, ...more] = await ask(["n3/web", "n1/web", "n1/db"], { ...here, version: "0.2.0" });
  expect(more).toEqual([]);
  expect(holdup).toMatchObject({ kind: "worker", final: false, problem: { code: "WORKER_MISSING" } });
  expect(holdup?.problem.message).toBe("n1/web waits for a worker of site eu: none takes jobs of Halligan 0.1.0. w1 is of version 0.2.0.");
});

describe("label limits", () => {
  const nodes = ["a1", "a2", "a3", "b1", "b2"].map((name) =>
    node(name, { rack: name.slice(0, 1), ...(name === "b2" ? { site: "eu" } : {}) }),
  );

  test("bound what runs at once on nodes that share a value, whatever runs elsewhere", () => {
    const room = new Room(limitsOf(nodes, { rack: 2, site: 1 }), ["a1"]);
    expect(["a2", "a3", "b1", "b2", "unknown"].map((each) => room.take(each))).toEqual([true, false, true, true, true]);
    expect(new Room(undefined, ["a1"]).take("a2")).toBe(true);
  });

  test("hold for both ways to decide", () => {
    const body = planBody(...nodes.map(({ name }) => plannedNodeRole(name, "web")));
    const limits = { maxJobs: 100, limitsOf: limitsOf(nodes, { rack: 1 }) };
    const wanted = ["a1/web", "b1/web"];
    expect(createScheduler(body, limits)(freshRun(body)).start).toEqual(wanted);
    expect(createWholeScheduler(body, limits)(freshRun(body)).start).toEqual(wanted);
  });
});

describe("the turn on a node", () => {
  test("is refused by its own clock once it may be somebody else's, renewed while it is not", async () => {
    const clock = manualClock(1_000);
    let renewals = 0;
    const store = {
      acquire: async (lease: string, owner: string): Promise<Lease> => {
        renewals += 1;
        return { lease, owner, token: 7, expiresAt: 0 };
      },
      release: async () => undefined,
    };
    const turn = await takeTurn({ store, clock }, "n1", "w1#1", async () => true, new AbortController().signal);
    expect(turn?.fence).toEqual({ lease: "node:n1", token: 7 });
    await clock.pass(4_000);
    expect(renewals).toBeGreaterThan(2);
    expect(() => turn?.assert()).not.toThrow();
    store.acquire = async () => await new Promise<never>(() => undefined); // the store does not answer any more
    await clock.pass(8_000);
    expect(() => turn?.assert()).toThrow("Another process may have the turn on n1");
  });

  test("that somebody else has got ends this one", async () => {
    const clock = manualClock(1_000);
    let token = 1;
    const store = {
      acquire: async (lease: string, owner: string): Promise<Lease> => ({ lease, owner, token, expiresAt: 0 }),
      release: async () => undefined,
    };
    const turn = await takeTurn({ store, clock }, "n1", "w1#1", async () => true, new AbortController().signal);
    token = 2;
    await clock.pass(2_000);
    expect(turn?.lost.aborted).toBe(true);
    expect(() => turn?.assert()).toThrow("Another process");
  });

  test("is not waited for when the job has ended meanwhile", async () => {
    const store = { acquire: async () => undefined, release: async () => undefined };
    const clock = manualClock(1);
    expect(await takeTurn({ store, clock }, "n1", "w1#1", async () => false, new AbortController().signal)).toBeUndefined();
  });
});

test("fencing tokens are written with their turn, where there are turns", () => {
  expect(fenceText({ token: 7, turn: 0 })).toBe("7");
  expect(fenceText({ token: 7, turn: 12 })).toBe("7.12");
});

test("what is no assignment is not read", () => {
  expect(readAssignment({ kind: "job", run: "R-1" })).toBeUndefined();
  expect(readAssignment("R-1")).toBeUndefined();
});
