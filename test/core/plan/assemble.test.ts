import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { Change, PlanBody } from "../../../src/core/model/plan.ts";
import { secretRef } from "../../../src/core/model/secret-ref.ts";
import { type AppliedNodeRole, usedOf } from "../../../src/core/plan/applied.ts";
import { assemblePlan } from "../../../src/core/plan/assemble.ts";
import { becauseOf } from "../../../src/core/plan/because.ts";
import { canonicalJson, planDigest } from "../../../src/core/plan/canonical.ts";
import type { CheckResult } from "../../../src/core/plan/check-result.ts";
import { blastRadius, criticalPath, planDocument, planSummary } from "../../../src/core/plan/summary.ts";
import { barclamp, cluster, codesOf, deployment, make, type Made, names, role, settings, step } from "./support.ts";

const db = role("db", {
  steps: [step("file", { path: "/db" }), step("command", { run: "token" }, { name: "token" })],
  outputs: { token: { fromStep: "token" }, url: { value: "db://{{ node.address }}" } },
});
const app = role("app", {
  inputs: { token: "db.token" },
  steps: [step("file", { path: "/app" }), step("file", { path: "/t", text: "{{ inputs.token }}" })],
});
const web = role("web", { requires: ["app"], steps: [step("file", { path: "/web" })] });
const clamps = [barclamp("x", [db, app, web])];
const lab = cluster(names(3), [deployment("back", { db: "n-1", app: "n-2" }), deployment("front", { web: "n-2 | n-3" })]);

const changes = (...list: readonly (readonly [string, Change])[]): CheckResult => ({
  steps: list.map(([id, change]) => ({ id, change, observed: `saw ${id}` })),
});
const same = (made: Made): Map<NodeRoleId, CheckResult> =>
  new Map(made.graph.nodeRoles.map(({ bound }) => [bound.id, changes(...bound.role.steps.map((each) => [each.id, "none"] as const))]));

function plan(
  made: Made,
  checks: ReadonlyMap<NodeRoleId, CheckResult>,
  more: {
    applied?: readonly AppliedNodeRole[];
    deployments?: readonly string[];
    of?: typeof lab;
    unfinished?: ReadonlySet<NodeRoleId>;
  } = {},
): PlanBody {
  const resolutions = new Map(made.graph.nodeRoles.map((each) => [each.bound.id, made.resolve(each.bound.id)]));
  const { of = lab, applied = [], deployments, unfinished } = more;
  return assemblePlan({
    cluster: of,
    graph: made.graph,
    resolutions,
    checks,
    applied,
    ...(deployments === undefined ? {} : { deployments }),
    ...(unfinished === undefined ? {} : { unfinished }),
  });
}

const actions = (body: PlanBody) => Object.fromEntries(body.nodeRoles.map((each) => [each.id, each.action]));
const stepsOf = (body: PlanBody, id: string) =>
  Object.fromEntries(body.nodeRoles.find((each) => each.id === id)?.steps.map((each) => [each.id, each.change]) ?? []);

function applied(id: NodeRoleId, after: readonly NodeRoleId[], parts: Partial<AppliedNodeRole> = {}): AppliedNodeRole {
  const [nodeName = "", roleName = ""] = id.split("/");
  const undo = [
    {
      id: `undo ${roleName}`,
      kind: "file",
      label: `file /${roleName}`,
      args: {},
      blobs: {},
      secret: false,
      unknown: false,
      notify: [],
      timeoutMs: 1,
      retries: 0,
      retryDelayMs: 1,
    },
  ];
  return {
    id,
    node: nodeName,
    role: roleName,
    deployment: "back",
    barclamp: "x",
    barclampDigest: "sha256:00",
    after,
    rollout: { onUnreachable: "fail" },
    undo,
    digest: "sha256:00",
    ...parts,
  };
}

describe("actions", () => {
  test("a first plan: late values are unknown, the provider runs, cohorts follow", () => {
    const made = make(lab, clamps);
    const checks = same(made);
    checks.set("n-1/db", changes(["file:/db", "create"], ["token", "create"]));
    const body = plan(made, checks);
    expect(body.nodeRoles.map((each) => [each.id, each.cohort, each.action, each.after])).toEqual([
      ["n-1/db", 0, "apply", []],
      ["n-2/app", 1, "apply", ["n-1/db"]],
      ["n-2/web", 2, "skip", ["n-2/app"]],
      ["n-3/web", 2, "skip", ["n-2/app"]],
    ]);
    expect(stepsOf(body, "n-2/app")).toEqual({ "file:/app": "none", "file:/t": "unknown" });
    expect(planSummary(body)).toEqual({ nodeRoles: 4, create: 2, change: 0, destroy: 0, unchanged: 3, unknown: 1, steps: 6 });
    expect(body.problems).toEqual([]);
  });

  test("a provider whose output nobody has seen runs although nothing changes", () => {
    const made = make(lab, clamps);
    expect(actions(plan(made, same(made)))["n-1/db"]).toBe("apply");
  });

  test("a second plan is empty; when the provider changes, what took its late output is unknown again", () => {
    const made = make(lab, clamps, { lateOutputs: new Map([["n-1/db" as const, { token: "t" }]]), lateOutputsSeen: true });
    const checks = same(made);
    expect(new Set(Object.values(actions(plan(made, checks))))).toEqual(new Set(["skip"]));
    checks.set("n-1/db", changes(["file:/db", "change"], ["token", "none"]));
    const body = plan(made, checks);
    expect(stepsOf(body, "n-2/app")).toEqual({ "file:/app": "none", "file:/t": "unknown" });
    expect(actions(body)["n-3/web"]).toBe("skip");
  });

  test("what failed is run again although its steps are done, so that it is seen whether it works", () => {
    const made = make(lab, clamps, { lateOutputs: new Map([["n-1/db", { token: "x" }]]) });
    expect(actions(plan(made, same(made)))).toMatchObject({ "n-2/app": "skip" });
    const body = plan(made, same(made), { unfinished: new Set<NodeRoleId>(["n-2/app"]) });
    expect(actions(body)).toEqual({ "n-1/db": "skip", "n-2/app": "apply", "n-2/web": "skip", "n-3/web": "skip" });
    const unfinished = new Map([["n-2/app", "R-4"] as const]);
    const because = becauseOf({ body, graph: made.graph, applied: [applied("n-1/db", [])], unfinished, away: new Set() });
    expect(because).toEqual({ "n-2/app": [{ kind: "unfinished", run: "R-4" }] });
  });

  test("what a step of unknown change notifies is unknown too, at any distance; what it does not notify stays as it was judged", () => {
    const told = role("app", {
      inputs: { token: "db.token" },
      steps: [
        step("file", { path: "/t", text: "{{ inputs.token }}" }, { notify: ["look"] }),
        step("command", { run: "look" }, { name: "look", notify: ["load"] }),
        step("command", { run: "load" }, { name: "load" }),
        step("command", { run: "other" }, { name: "other" }),
      ],
    });
    const made = make(lab, [barclamp("x", [db, told, web])]);
    const checks = same(made);
    checks.set("n-2/app", changes(["file:/t", "none"], ["look", "none"], ["load", "none"], ["other", "none"]));
    expect(stepsOf(plan(made, checks), "n-2/app")).toEqual({ "file:/t": "unknown", look: "unknown", load: "unknown", other: "none" });
  });

  test("diffs are kept, but never of secret steps, whatever the check says", () => {
    const pw = role("app", { steps: [step("file", { path: "/a", text: "{{ set.pw }}" }), step("file", { path: "/b" })] });
    const of = cluster(names(1), [deployment("back", { app: "n-1" })]);
    const made = make(of, [barclamp("x", [pw])], { settings: settings({ pw: { ...secretRef("back", "x", "pw") } }) });
    const judged = ["file:/a", "file:/b"].map((id) => ({ id, change: "change" as const, diff: "-a\n+b", observed: "644" }));
    const body = plan(made, new Map([["n-1/app" as const, { steps: judged }]]), { of });
    expect(body.nodeRoles[0]?.steps).toEqual([
      { id: "file:/a", kind: "file", label: "file /a", change: "change", observed: "644", diff: "(not shown: a secret is in it)" },
      { id: "file:/b", kind: "file", label: "file /b", change: "change", observed: "644", diff: "-a\n+b" },
    ]);
    expect(body.nodeRoles[0]?.secrets).toEqual([{ name: "back/x.pw", version: 0 }]);
  });
});

describe("blocked", () => {
  const unreachable = problem("HOST_UNREACHABLE", { message: "n-1 does not answer", at: { node: "n-1" } });

  test("an unreachable node blocks its node-roles and those that wait for them, with the reason", () => {
    const made = make(lab, clamps);
    const checks = same(made);
    checks.set("n-1/db", { steps: [], failed: unreachable });
    const body = plan(made, checks);
    const blocked = body.nodeRoles.map((each) => [each.id, each.blocked?.code]);
    expect(blocked).toEqual([
      ["n-1/db", "HOST_UNREACHABLE"],
      ["n-2/app", "PROVIDER_BLOCKED"],
      ["n-2/web", undefined],
      ["n-3/web", undefined],
    ]);
    expect(body.nodeRoles[1]?.blocked?.cause).toContain("n-1 does not answer");
    expect(codesOf(body.problems)).toEqual(["HOST_UNREACHABLE"]);
  });

  test("a check that fails for want of an earlier change on the node is unknown, not blocked", () => {
    const made = make(lab, clamps);
    const checks = same(made);
    checks.set("n-2/web", { steps: [], failed: unreachable });
    const body = plan(made, checks);
    expect(body.nodeRoles.find((each) => each.id === "n-2/web")).toMatchObject({ action: "apply", steps: [{ change: "unknown" }] });
    expect(body.nodeRoles.find((each) => each.id === "n-2/web")?.blocked).toBeUndefined();
  });
});

describe("conditions of a barclamp's own", () => {
  const unmet = (code: string, parts: { readonly kind?: string; readonly curedBy?: readonly string[] } = {}) => ({
    problem: problem("PRECHECK_FAILED", { message: `${code}: no`, at: { node: "n-2", role: "web" } }),
    kind: parts.kind ?? "disk",
    curedBy: parts.curedBy ?? [],
  });
  const told = (body: PlanBody) => body.problems.map((each) => each.message);

  test("all that do not hold are told, also where an earlier node-role changes the node; what is in order already needs none", () => {
    const made = make(lab, clamps);
    const checks = same(made);
    checks.set("n-2/web", { ...changes(["file:/web", "create"]), unmet: [unmet("A-1"), unmet("A-2", { curedBy: ["other"] })] });
    checks.set("n-3/web", { ...changes(["file:/web", "none"]), unmet: [unmet("A-3")] });
    const body = plan(made, checks);
    expect(told(body)).toEqual(["A-1: no", "A-2: no"]);
    expect(body.nodeRoles.find((each) => each.id === "n-2/web")?.blocked?.message).toBe("A-1: no");
    expect(body.nodeRoles.find((each) => each.id === "n-3/web")).toMatchObject({ action: "skip" });
  });

  test("one that an earlier role may cure waits for it, where that role changes something", () => {
    const made = make(lab, clamps);
    const checks = same(made);
    checks.set("n-2/web", { ...changes(["file:/web", "create"]), unmet: [unmet("A-1", { curedBy: ["app"] })] });
    expect(told(plan(made, checks))).toEqual([]);
    checks.set("n-2/app", changes(["file:/app", "none"], ["file:/t", "none"]));
    const known = make(cluster(names(3), [deployment("back", { app: "n-2" }), deployment("front", { web: "n-2 | n-3" })]), [
      barclamp("x", [role("app", { steps: [step("file", { path: "/app" })] }), web]),
    ]);
    checks.set("n-2/app", changes(["file:/app", "none"]));
    expect(told(plan(known, checks))).toEqual(["A-1: no"]);
  });

  test("a port may be held by a role that the same plan takes away", () => {
    const made = make(cluster(names(3), [deployment("front", { web: "n-2" })]), [
      barclamp("x", [role("web", { steps: [step("file", { path: "/web" })] })]),
    ]);
    const checks = new Map<NodeRoleId, CheckResult>([
      ["n-2/web", { ...changes(["file:/web", "create"]), unmet: [unmet("A-1", { kind: "port" }), unmet("A-2")] }],
    ]);
    expect(told(plan(made, checks))).toEqual(["A-1: no", "A-2: no"]);
    expect(told(plan(made, checks, { applied: [applied("n-2/old", [])] }))).toEqual(["A-2: no"]);
  });
});

describe("some deployments only", () => {
  test("others are left out, cohorts count anew, a provider that was never applied is told", () => {
    const made = make(lab, clamps, { deployments: ["front"] });
    const body = plan(made, same(made), { deployments: ["front"], applied: [applied("n-2/app", [])] });
    expect(body.deployments).toEqual(["front"]);
    expect(body.nodeRoles.map((each) => [each.id, each.cohort, each.after])).toEqual([
      ["n-2/web", 0, []],
      ["n-3/web", 0, []],
    ]);
    expect(body.problems).toEqual([]);
    expect(codesOf(plan(made, same(made), { deployments: ["front"] }).problems)).toEqual(["PROVIDER_NOT_ACTIVE"]);
  });
});

describe("removal", () => {
  test("dependents go first, and applying on the node waits", () => {
    const made = make(lab, clamps);
    const old = [applied("n-2/oldapp", ["n-2/olddb"]), applied("n-2/olddb", []), applied("n-1/db", [])];
    const body = plan(made, same(made), { applied: old });
    const order = body.nodeRoles.map((each) => each.id);
    expect(actions(body)).toMatchObject({ "n-2/oldapp": "remove", "n-2/olddb": "remove", "n-2/app": "apply" });
    expect(order.indexOf("n-2/oldapp")).toBeLessThan(order.indexOf("n-2/olddb"));
    expect(order.indexOf("n-2/olddb")).toBeLessThan(order.indexOf("n-2/app"));
    expect(body.nodeRoles.find((each) => each.id === "n-2/olddb")).toMatchObject({
      after: ["n-2/oldapp"],
      cohort: 1,
      steps: [{ change: "destroy" }],
    });
    expect(planSummary(body).destroy).toBe(2);
  });

  test("what goes first on a node is waited for, and is nothing that is used", () => {
    const made = make(lab, clamps);
    const body = plan(made, same(made), { applied: [applied("n-2/old", [])] });
    const app = body.nodeRoles.find((each) => each.id === "n-2/app");
    expect(app?.after).toContain("n-2/old");
    expect(usedOf({ after: app?.after ?? [] }, made.graph.byId)).toEqual(app?.after.filter((id) => id !== "n-2/old"));
    expect(app?.after.length).toBeGreaterThan(1);
  });

  test("a removed provider stays until its users have changed over", () => {
    const made = make(lab, clamps);
    const body = plan(made, same(made), { applied: [applied("n-3/db", []), applied("n-2/app", ["n-3/db"])] });
    expect(body.nodeRoles.find((each) => each.id === "n-3/db")).toMatchObject({ action: "remove", after: ["n-2/app"], cohort: 2 });
  });

  test("a node that left the cluster file is told; other deployments are left alone", () => {
    const made = make(lab, clamps, { deployments: ["front"] });
    const old = [applied("gone/web", [], { deployment: "front" }), applied("n-3/x", [], { deployment: "back" }), applied("n-2/app", [])];
    const body = plan(made, same(made), { applied: old, deployments: ["front"] });
    expect(body.nodeRoles.some((each) => each.action === "remove")).toBe(false);
    expect(codesOf(body.problems)).toEqual(["NODE_GONE"]);
  });
});

describe("document and analysis", () => {
  const made = make(lab, clamps);
  const body = plan(made, same(made));

  test("canonical JSON sorts keys, leaves absent values out and keeps text exact", () => {
    expect(canonicalJson({ b: [1, { z: undefined, y: "ä\n\u2028" }], a: null, "": {}, é: [] })).toBe(
      `{"":{},"a":null,"b":[1,{"y":${JSON.stringify("ä\n\u2028")}}],"é":[]}`,
    );
    const long = Array.from({ length: 20 }, (_, index) => `n-${index}/x`);
    expect(JSON.parse(canonicalJson([long, long]))).toEqual([long, long]);
    expect(planDigest(body)).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(planDigest(structuredClone(body))).toBe(planDigest(body));
  });

  test("plan --json", () => {
    const document = planDocument({
      id: "P-7",
      digest: planDigest(body),
      body,
      author: "eve",
      at: 1,
      revision: "sha256:00",
      facts: "sha256:00",
    });
    expect(Object.keys(document)).toEqual([
      "halligan",
      "kind",
      "id",
      "digest",
      "cluster",
      "deployments",
      "summary",
      "nodeRoles",
      "problems",
    ]);
    expect(JSON.parse(JSON.stringify(document))).toMatchObject({
      halligan: 1,
      kind: "plan",
      id: "P-7",
      deployments: ["back", "front"],
      nodeRoles: [
        {
          id: "n-1/db",
          node: "n-1",
          role: "db",
          cohort: 0,
          action: "apply",
          steps: [{ id: "file:/db", kind: "file", label: "file /db", change: "none" }, {}],
        },
        {},
        {},
        {},
      ],
    });
  });

  test("critical path and blast radius", () => {
    expect(criticalPath(body, (each) => (each.role === "db" ? 5000 : 1000))).toEqual({ path: ["n-1/db", "n-2/app"], ms: 6000 });
    expect(blastRadius(body)).toEqual({ nodes: ["n-1", "n-2"], deployments: ["back"], roles: ["app", "db"], dependents: 2 });
  });
});
