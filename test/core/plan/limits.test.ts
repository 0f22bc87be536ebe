import { describe, expect, test } from "vitest";
import type { NodeRoleId } from "../../../src/core/model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import { becauseOf } from "../../../src/core/plan/because.ts";
import { planDigest } from "../../../src/core/plan/canonical.ts";
import { withProviders } from "../../../src/core/plan/cohorts.ts";
import { limitOf } from "../../../src/core/plan/limit.ts";
import { removals } from "../../../src/core/plan/removals.ts";
import { makeDraft } from "../../../src/core/run/draft.ts";
import { barclamp, cluster, deployment, names, role, step } from "./support.ts";
import { appliedNodeRole as applied, planBody, plannedNodeRole } from "../run/plans.ts";

const db = role("db", { steps: [step("file", { path: "/db" })] });
const app = role("app", {
  requires: ["db"],
  steps: [step("file", { path: "/app", text: "{% for n in role.nodes %}{{ n.name }}{% endfor %}" })],
});
const web = role("web", { requires: ["app"], steps: [step("file", { path: "/web" })] });
const clamps = new Map([["x", barclamp("x", [db, app, web])]]);
const lab = cluster(names(4), [deployment("all", { db: "n-1", app: "n-2 | n-3", web: "n-4" })]);
const ids = (...list: readonly NodeRoleId[]): ReadonlySet<NodeRoleId> => new Set(list);
const none = ids();

const draftOf = (limit?: { only: ReadonlySet<NodeRoleId>; away: ReadonlySet<NodeRoleId>; gone: ReadonlySet<NodeRoleId> }, of = lab) =>
  makeDraft({ cluster: of, barclamps: clamps, deployments: [], facts: new Map(), ...(limit === undefined ? {} : { limit }) });

describe("a plan with bounds of its own", () => {
  test("is about what it names; the rest is there to provide", () => {
    const draft = draftOf({ only: ids("n-4/web"), away: none, gone: none });
    expect(draft.problems).toEqual([]);
    expect(draft.graph.ranked.filter((each) => each.selected).map((each) => each.id)).toEqual(["n-4/web"]);
    expect(draft.graph.ranked).toHaveLength(4);
  });

  test("has what its node-roles wait for, at any distance", () => {
    expect([...withProviders(draftOf().graph, ["n-4/web"])].toSorted()).toEqual(["n-1/db", "n-2/app", "n-3/app", "n-4/web"]);
    expect([...withProviders(draftOf().graph, ["n-2/app"])].toSorted()).toEqual(["n-1/db", "n-2/app"]);
  });

  test("takes away what the files place, without a problem for who needs it", () => {
    const draft = draftOf({ only: ids("n-1/db"), away: ids("n-1/db"), gone: ids("n-1/db") });
    expect(draft.problems).toEqual([]);
    expect([...draft.graph.byId.keys()].toSorted()).toEqual(["n-2/app", "n-3/app", "n-4/web"]);
    const gone = removals({
      cluster: lab,
      applied: [applied("n-1/db"), applied("n-2/app", { after: ["n-1/db"] })],
      bound: new Set(draft.graph.byId.keys()),
      planned: none,
      only: ids("n-1/db"),
      checks: new Map(),
    });
    expect(gone.entries.map((each) => each.id)).toEqual(["n-1/db"]);
    expect(gone.problems.map(({ code, message }) => [code, message])).toEqual([
      ["STILL_NEEDED", "n-2/app was applied with n-1/db, which goes: it stays, and may stop working"],
    ]);
  });

  test("users go before what they use", () => {
    const all = ids("n-1/db", "n-2/app", "n-4/web");
    const gone = removals({
      cluster: lab,
      applied: [applied("n-1/db"), applied("n-2/app", { after: ["n-1/db"] }), applied("n-4/web", { after: ["n-2/app"] })],
      bound: none,
      planned: none,
      only: all,
      checks: new Map(),
    });
    expect(Object.fromEntries(gone.entries.map((each) => [each.id, each.after]))).toEqual({
      "n-1/db": ["n-2/app"],
      "n-2/app": ["n-4/web"],
      "n-4/web": [],
    });
    expect(gone.problems).toEqual([]);
  });

  test("leaves alone what it may not take away, also where the files do not place it any more", () => {
    const gone = removals({ cluster: lab, applied: [applied("n-2/old")], bound: none, planned: none, only: none, checks: new Map() });
    expect(gone.entries).toEqual([]);
  });

  test("is made again from the plan's body alone", () => {
    const body: PlanBody = {
      ...planBody(plannedNodeRole("n-1", "db"), plannedNodeRole("n-4", "web", { action: "remove" })),
      purpose: { kind: "reset", deployments: [] },
    };
    expect(limitOf(body).limit).toEqual({
      purpose: body.purpose,
      only: ids("n-1/db", "n-4/web"),
      away: ids("n-4/web"),
      gone: ids("n-4/web"),
    });
    expect(limitOf(planBody())).toEqual({});
  });

  test("its purpose is part of what is approved", () => {
    const body = planBody(plannedNodeRole("n-1", "db"));
    expect(planDigest({ ...body, purpose: { kind: "retry", run: "R-1" } })).not.toBe(planDigest(body));
  });
});

describe("why a node-role is changed", () => {
  const standing = [applied("n-1/db"), applied("n-2/app", { after: ["n-1/db"] }), applied("n-4/web", { after: ["n-2/app"] })];
  function because(planned: PlannedNodeRole, stands = standing, of = lab) {
    const of1 = { ...planned, deployment: "all" };
    return becauseOf({ body: planBody(of1), graph: draftOf(undefined, of).graph, applied: stands, away: none })[planned.id];
  }
  const changed = { actions: "sha256:11" } as const;

  test("a first plan tells nothing: all of it is new", () => {
    expect(because(plannedNodeRole("n-1", "db"), [])).toBeUndefined();
  });
  test("a new node, a new role", () => {
    expect(because(plannedNodeRole("n-3", "app"))).toEqual([{ kind: "new-node" }]);
    expect(because(plannedNodeRole("n-1", "web"))).toEqual([{ kind: "new-role" }]);
  });
  test("its peers, where its templates read them", () => {
    expect(because(plannedNodeRole("n-2", "app", changed))).toEqual([{ kind: "members", added: ["n-3"], removed: [] }]);
    const smaller = cluster(names(4), [deployment("all", { db: "n-1", app: "n-2", web: "n-4" })]);
    const both = [...standing, applied("n-3/app")];
    expect(because(plannedNodeRole("n-2", "app", changed), both, smaller)).toEqual([{ kind: "members", added: [], removed: ["n-3"] }]);
  });
  test("what it uses", () => {
    const planned = plannedNodeRole("n-4", "web", { ...changed, after: ["n-2/app", "n-3/app"] });
    expect(because(planned)).toEqual([{ kind: "providers", added: ["n-3/app"], removed: [] }]);
  });
  test("its barclamp, its secrets, its settings, or the node itself", () => {
    expect(because(plannedNodeRole("n-1", "db", { ...changed, barclamp: "x", barclampDigest: "sha256:22" }))).toEqual([
      { kind: "barclamp", barclamp: "x" },
    ]);
    const secrets = [{ name: "all/x.word", version: 2, was: 1 }];
    expect(because(plannedNodeRole("n-1", "db", { ...changed, secrets }))).toEqual([{ kind: "secrets", names: ["all/x.word"] }]);
    expect(because(plannedNodeRole("n-1", "db", changed))).toEqual([{ kind: "files" }]);
    expect(because(plannedNodeRole("n-1", "db"))).toEqual([{ kind: "drift" }]);
  });
  test("nothing for what is not changed", () => {
    expect(because(plannedNodeRole("n-1", "db", { action: "skip" }))).toBeUndefined();
  });
  test("what goes: no placement, or a reset", () => {
    expect(because(plannedNodeRole("n-1", "db", { action: "remove" }))).toEqual([{ kind: "unplaced" }]);
    const body = planBody(plannedNodeRole("n-1", "db", { action: "remove" }));
    expect(becauseOf({ body, graph: draftOf().graph, applied: standing, away: ids("n-1/db") })).toEqual({ "n-1/db": [{ kind: "reset" }] });
  });
});
