import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { createPolicyDesk, type PolicyDesk } from "../../../../src/core/authority/policy/desk.ts";
import { inProcessEngine } from "../../../../src/core/authority/policy/engine.ts";
import { createPolicyJudge } from "../../../../src/core/authority/policy/judge.ts";
import { covers, endWaiver, grantWaiver } from "../../../../src/core/authority/policy/waivers.ts";
import { loadBarclamp } from "../../../../src/core/files/load-barclamp.ts";
import { loadCluster } from "../../../../src/core/files/load-cluster.ts";
import type { LoadedCluster } from "../../../../src/core/house.ts";
import { stepKinds } from "../../../../src/core/jigs/shell/kinds/index.ts";
import type { NodeRoleId } from "../../../../src/core/model/ids.ts";
import type { Plan, PlannedNodeRole } from "../../../../src/core/model/plan.ts";
import type { Clock, Store } from "../../../../src/core/ports.ts";
import { recordApplied } from "../../../../src/core/run/applied.ts";
import { makeDraft } from "../../../../src/core/run/draft.ts";

const barclampText = `barclamp: db
version: 1.0.0
attributes: { level: { type: string, default: low }, password: { type: secret, required: true } }
roles: { db-server: { cluster: { order: founder-first }, steps: [ { file: { path: /x, content: "{{ set.level }}" } } ] } }
`;
const rules = (level: string) => `halligan: 1
rules:
  - { id: level, scope: role, require: set.db.level == "high", level: ${level}, message: "the level is {{ set.db.level }}" }
  - { id: odd, scope: role, require: role.count % 2 == 1, level: warn, message: "{{ role.count }} members", applies: [plan] }
`;

let folder: string;
let store: Store;
let now: number;
let policyText: string;
let level: string | undefined;
let nodes: number;
const clock: Clock = { now: () => now, sleep: async () => undefined };

function loaded(): LoadedCluster {
  const list = Array.from({ length: nodes }, (_, at) => `  n${at + 1}: { address: 10.0.0.${at + 1} }`).join("\n");
  const set = level === undefined ? "" : `    set: { db: { level: ${level} } }\n`;
  const text = `halligan: 1\ncluster: lab\nnodes:\n${list}\ndeployments:\n  one:\n    place: { db-server: { on: all } }\n${set}    secrets: { db.password: { generate: 16 } }\n`;
  const { cluster, problems } = loadCluster({ file: "cluster.yaml", text, defaults: { user: "root" } });
  const { barclamp } = loadBarclamp({ folder: "barclamps/db", files: new Map([["barclamp.yaml", Buffer.from(barclampText)]]) }, stepKinds);
  if (cluster === undefined || barclamp === undefined) throw new Error(JSON.stringify(problems));
  return { file: "/c/cluster.yaml", folder: "/c", cluster, barclamps: new Map([["db", barclamp]]), revision: "sha256:01" };
}

function desk(): PolicyDesk {
  return createPolicyDesk({
    store,
    clock,
    load: async () => loaded(),
    sources: async () => ({ shipped: [], own: [{ file: "policy/p.yaml", text: policyText }] }),
    authority: async () => ({ mode: "single-user" }),
    knownFacts: async () => new Map(),
    engine: async () => inProcessEngine,
  });
}

/** A plan of everything, recorded as planning does. */
async function plan(id: Plan["id"], action: PlannedNodeRole["action"] = "apply"): Promise<Plan> {
  const { cluster, barclamps } = loaded();
  const { graph } = makeDraft({ cluster, barclamps, deployments: [], facts: new Map() });
  const nodeRoles = graph.ranked.map((each) => ({
    id: each.id,
    node: each.node.name,
    role: each.role.name,
    deployment: "one",
    action,
    steps: [],
    rollout: { onUnreachable: "fail" },
  }));
  const made = {
    id,
    digest: "sha256:02",
    body: { halligan: 1, cluster: "lab", deployments: ["one"], nodeRoles, problems: [] },
  } as unknown as Plan;
  await desk().record(made, { bound: graph.ranked, deployments: [], loaded: loaded() });
  return made;
}

async function apply(id: string): Promise<void> {
  for (const node of Array.from({ length: nodes }, (_, at) => `n${at + 1}`)) {
    const record = {
      id: `${node}/db-server` as NodeRoleId,
      node,
      role: "db-server",
      deployment: "one",
      barclamp: "db",
      plan: id,
      run: "R-1",
      at: now,
    };
    await recordApplied(store, {
      ...record,
      barclampDigest: "sha256:03",
      after: [],
      rollout: { onUnreachable: "fail" },
      undo: [],
      digest: `sha256:${id}`,
      lateOutputs: {},
    });
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-policy-"));
  store = await openStore(join(folder, "state.db"));
  [now, policyText, level, nodes] = [1_795_253_400_000, rules("deny"), undefined, 2];
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a plan", () => {
  test("shows what is new, what was there before, and what it cures, by the settings with which things were applied", async () => {
    const first = await desk().judgePlan(await plan("P-1"));
    expect(first.violations.map(({ rule, change, message }) => [rule, change, message])).toEqual([
      ["level", "new", "the level is low"],
      ["odd", "new", "2 members"],
    ]);
    await apply("P-1");
    level = "high";
    const second = await desk().judgePlan(await plan("P-2"));
    expect(second.violations.map(({ rule, change }) => [rule, change])).toEqual([["odd", "unchanged"]]);
    expect(second.cured.map(({ rule, message }) => [rule, message])).toEqual([["level", "the level is low"]]);
    expect(second.summary).toMatchObject({ deny: 0, warn: 1, new: 0, unchanged: 1, cured: 1, blocking: 0 });
    // what stands was applied with the old setting, whatever the files say now
    expect((await desk().judgePresent()).violations.map((each) => each.rule)).toEqual(["level"]);
    nodes = 3;
    expect((await desk().judgeFiles([])).cured.map((each) => each.rule)).toEqual(["level", "odd"]);
  });
});

describe("the gate", () => {
  const holdups = async (made: Plan, phase: "plan" | "request" | "start" | "batch" = "request"): Promise<readonly string[]> =>
    (await createPolicyJudge(desk())({ plan: made, phase, by: "ann" })).map(
      ({ kind, final, problem }) => `${kind} ${final} ${problem.code} ${problem.message}`,
    );
  const denied = ["policy false POLICY_DENIED Rule level: the level is low."];

  test("a deny holds a plan in every phase; warnings and plans that change nothing are not held", async () => {
    const made = await plan("P-1");
    for (const phase of ["plan", "request", "start", "batch"] as const) expect(await holdups(made, phase)).toEqual(denied);
    policyText = rules("warn");
    expect(await holdups(await plan("P-2"))).toEqual([]);
    policyText = rules("deny");
    expect(await holdups(await plan("P-3", "skip"))).toEqual([]);
  });

  test("the stricter of the policy that it was made under and that of now counts", async () => {
    const strict = await plan("P-1");
    policyText = rules("warn");
    expect(await holdups(strict)).toEqual(denied);
    const lax = await plan("P-2");
    expect(await holdups(lax)).toEqual([]);
    policyText = rules("deny");
    expect(await holdups(lax, "batch")).toEqual(denied);
    policyText = "halligan: 1\nrules: [ { id: x } ]\n";
    const broken = await holdups(lax, "start");
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.every((each) => each.includes("The policy cannot be read"))).toBe(true);
  });

  test("a waiver counts until it expires or is ended", async () => {
    const made = await plan("P-1");
    await grantWaiver(store, { rule: "level", deployment: "one", reason: "lab", by: "ann", until: now + 1_000 });
    expect(await holdups(made)).toEqual([]);
    const [violation] = (await desk().judgePlan(made)).violations.filter((each) => each.rule === "level");
    expect(violation).toMatchObject({ blocks: false, waived: { by: "ann", reason: "lab" } });
    now += 1_000;
    expect(await holdups(made, "batch")).toEqual(denied);
    await grantWaiver(store, { rule: "level", reason: "lab", by: "ann", until: now + 1_000 });
    expect(await holdups(made)).toEqual([]);
    await endWaiver(store, { rule: "level" }, "ann");
    expect(await holdups(made)).toEqual(denied);
    await grantWaiver(store, { rule: "level", deployment: "two", reason: "lab", by: "ann", until: now + 1_000 });
    expect(await holdups(made)).toEqual(denied);
  });
});

test("a waiver for a node or a deployment covers what concerns nothing else", () => {
  const finding = (findingNodes: readonly string[], deployments: readonly string[]) => ({ nodes: findingNodes, deployments });
  expect(covers({ rule: "r", node: "n1" }, "r", finding(["n1"], ["a", "b"]))).toBe(true);
  expect(covers({ rule: "r", node: "n1" }, "r", finding(["n1", "n2"], ["a"]))).toBe(false);
  expect(covers({ rule: "r", node: "n1" }, "r", finding([], []))).toBe(false);
  expect(covers({ rule: "r", deployment: "a" }, "r", finding(["n1", "n2"], ["a"]))).toBe(true);
  expect(covers({ rule: "r", deployment: "a" }, "r", finding(["n1"], ["a", "b"]))).toBe(false);
  expect(covers({ rule: "r" }, "r", finding([], []))).toBe(true);
  expect(covers({ rule: "r" }, "other", finding([], []))).toBe(false);
});
