import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/cli/house/clock.ts";
import {
  approve,
  consumeApproval,
  openApproval,
  reject,
  requestOf,
  settleOpen,
  withdraw,
} from "../../../../src/core/authority/approvals/desk.ts";
import { makeEffective } from "../../../../src/core/authority/approvals/effective.ts";
import { createApprovalJudge } from "../../../../src/core/authority/approvals/judge.ts";
import { readApproval, standingNow } from "../../../../src/core/authority/approvals/read.ts";
import type { ApprovalState } from "../../../../src/core/authority/approvals/state.ts";
import { HalliganError, problem } from "../../../../src/core/errors.ts";
import type { Plan } from "../../../../src/core/model/plan.ts";
import { requestRun } from "../../../../src/core/run/requests.ts";
import { plannedNodeRole, planBody } from "../../run/plans.ts";
import { type World, keptPlan, local, onePlan, openWorld, peopleText, rule } from "./world.ts";

let folder: string;
let world: World;
let now: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-approvals-"));
  now = systemClock.now();
  world = await openWorld(join(folder, "state.db"), { default: rule() }, { ...systemClock, now: () => now });
});

afterEach(async () => {
  await world.store.close();
  await rm(folder, { recursive: true, force: true });
});

async function opened(plan: Plan, by = "alice"): Promise<ApprovalState> {
  const found = await openApproval(world.deps, plan, by);
  if (found === undefined) throw new Error("nothing was asked");
  return found.state;
}

const yes = (state: ApprovalState, person: string) => approve(world.deps, state.request, { ...local(person), digest: state.digest });
const no = (state: ApprovalState, person: string) => reject(world.deps, state.request, { ...local(person), reason: "not now" });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof HalliganError) return error.code;
  throw error instanceof Error ? error : new Error("it was allowed");
}

async function granted(state: ApprovalState, plan: Plan): Promise<boolean> {
  return (await standingNow(world.deps, await readApproval(world.deps, state.request), plan.body)).granted;
}

describe("a request", () => {
  test("is not asked for without people.yaml, without a block, by a block that asks nobody, or for a plan that changes nothing", async () => {
    const plan = await keptPlan(world.store);
    world.people = undefined;
    expect(await openApproval(world.deps, plan, "alice")).toBeUndefined();
    world.people = peopleText;
    world.policies.clear();
    expect(await openApproval(world.deps, plan, "alice")).toBeUndefined();
    world.policies.set("all", { default: rule({ people: 0 }) });
    expect(await openApproval(world.deps, plan, "alice")).toBeUndefined();
    world.policies.set("all", { default: rule() });
    const empty = await keptPlan(world.store, planBody(plannedNodeRole("n1", "web", { action: "skip" })));
    expect(await openApproval(world.deps, empty, "alice")).toBeUndefined();
    const away = problem("HOST_UNREACHABLE", { message: "n1 is away." });
    const blocked = await keptPlan(world.store, planBody(plannedNodeRole("n1", "web", { blocked: away })));
    expect(await openApproval(world.deps, blocked, "alice")).toBeUndefined();
  });

  test("is not opened for a group that people.yaml does not have", async () => {
    world.policies.set("all", { default: rule({ groups: ["leads", "leeds"] }) });
    expect(await codeOf(openApproval(world.deps, await keptPlan(world.store), "alice"))).toBe("PERSON_UNKNOWN");
  });

  test("is found again for the same digest, and two that ask at once get the same one", async () => {
    const plan = await keptPlan(world.store);
    const all = await Promise.all(Array.from({ length: 6 }, () => openApproval(world.deps, plan, "alice")));
    expect(new Set(all.map((each) => each?.state.request)).size).toBe(1);
    expect(all.filter((each) => each?.fresh === true)).toHaveLength(1);
  });

  test("keeps its votes when the same is planned again, and loses them when something else is, which it tells", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    const again = await keptPlan(world.store, plan.body, "bob");
    expect((await settleOpen(world.deps, again, "bob"))?.plan).toBe("P-2");
    expect(await granted(state, again)).toBe(true);
    const other = await keptPlan(world.store, onePlan("two"));
    expect(await settleOpen(world.deps, other, "alice")).toBeUndefined();
    const { end } = await readApproval(world.deps, state.request);
    expect(end).toMatchObject({ kind: "voided", plan: "P-3", changed: ["n1/web: file /x would change something else"] });
    expect(await codeOf(yes(state, "carol"))).toBe("APPROVAL_ENDED");
    expect(await codeOf(consumeApproval(world.deps, state.request, plan, "alice", "R-1"))).toBe("APPROVAL_ENDED");
    expect(await codeOf(consumeApproval(world.deps, state.request, other, "alice", "R-1"))).toBe("APPROVAL_DIGEST");
  });

  test("is closed when nothing is left to do, and a plan of other deployments does not touch it", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    const elsewhere = await keptPlan(world.store, { ...onePlan("x"), deployments: ["other"] });
    await settleOpen(world.deps, elsewhere, "alice");
    expect((await readApproval(world.deps, state.request)).end).toBeUndefined();
    const empty = await keptPlan(world.store, planBody(plannedNodeRole("n1", "web", { action: "skip" })));
    await settleOpen(world.deps, empty, "alice");
    expect((await readApproval(world.deps, state.request)).end?.kind).toBe("closed");
  });

  test("runs out, and an identical plan then needs a new one", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    now += 3_600_000;
    expect((await readApproval(world.deps, state.request)).end?.kind).toBe("expired");
    expect(await codeOf(consumeApproval(world.deps, state.request, plan, "alice", "R-1"))).toBe("APPROVAL_ENDED");
    const next = await opened(plan);
    expect([next.request, next.votes.size]).toEqual(["A-2", 0]);
  });

  test("that somebody rejected blocks the same plan until it is taken back", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    await no(state, "carol");
    expect(await granted(state, plan)).toBe(false);
    expect(await codeOf(openApproval(world.deps, plan, "alice"))).toBe("APPROVAL_REJECTED");
    expect(await codeOf(consumeApproval(world.deps, state.request, plan, "alice", "R-1"))).toBe("APPROVAL_REJECTED");
    await withdraw(world.deps, state.request, local("carol"), false);
    expect(await granted(state, plan)).toBe(true);
  });

  test("is withdrawn by whoever asked, or an admin; not by a bystander", async () => {
    const state = await opened(await keptPlan(world.store));
    expect(await codeOf(withdraw(world.deps, state.request, local("erin"), false))).toBe("NOTHING_TO_WITHDRAW");
    await withdraw(world.deps, state.request, local("alice"), false);
    expect((await readApproval(world.deps, state.request)).end).toMatchObject({ kind: "withdrawn", by: "alice" });
  });
});

describe("a vote", () => {
  test("counts once, however often it is given; taken back and given again it counts again", async () => {
    world.policies.set("all", { default: rule({ people: 2 }) });
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    expect((await yes(state, "bob")).already).toBe(false);
    expect((await yes(state, "bob")).already).toBe(true);
    expect(await granted(state, plan)).toBe(false);
    await withdraw(world.deps, state.request, local("bob"), false);
    await yes(state, "bob");
    await yes(state, "carol");
    expect(await granted(state, plan)).toBe(true);
  });

  test("of the plan's author, of who asked for its run, of somebody without the role or outside the groups is not taken", async () => {
    world.policies.set("all", { default: rule({ groups: ["leads"] }) });
    const state = await opened(await keptPlan(world.store, onePlan("one"), "carol"), "dora");
    expect(await codeOf(yes(state, "carol"))).toBe("APPROVAL_NOT_COUNTED");
    expect(await codeOf(yes(state, "dora"))).toBe("APPROVAL_NOT_COUNTED");
    expect(await codeOf(yes(state, "bob"))).toBe("APPROVAL_NOT_COUNTED");
    expect(await codeOf(yes(state, "erin"))).toBe("APPROVAL_NOT_COUNTED");
    expect(await codeOf(approve(world.deps, state.request, { person: "carol", principal: "local:mallory", digest: state.digest }))).toBe(
      "APPROVAL_NOT_COUNTED",
    );
  });

  test("for another digest is not taken", async () => {
    const state = await opened(await keptPlan(world.store));
    expect(await codeOf(approve(world.deps, state.request, { ...local("bob"), digest: "sha256:00" }))).toBe("APPROVAL_DIGEST");
  });

  test("of somebody who lost the role, the group or the account afterwards does not count, and one who came later may not vote", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    expect(await granted(state, plan)).toBe(true);
    const without = [
      peopleText.replace("approver: [alice, bob, leads]", "approver: [alice, leads]"),
      peopleText.replace("bob: { local: [bob] }", "bob: { local: [robert] }"),
    ];
    for (const text of without) {
      world.people = text;
      expect(await granted(state, plan)).toBe(false);
      expect(await codeOf(consumeApproval(world.deps, state.request, plan, "alice", "R-1"))).toBe("APPROVAL_NEEDED");
    }
    world.people = peopleText.replace("leads]", "leads, erin]");
    expect(await granted(state, plan)).toBe(true);
    expect(await codeOf(yes(state, "erin"))).toBe("APPROVAL_NOT_COUNTED");
    world.people = peopleText;
    expect(await granted(state, plan)).toBe(true);
  });
});

describe("the stricter of old and new", () => {
  test("a block that is weakened after the request, or since the last run, does not make it easier; a stronger one counts at once", async () => {
    const plan = await keptPlan(world.store);
    const strong = { default: rule({ people: 2 }) };
    world.policies.set("all", strong);
    const state = await opened(plan);
    await yes(state, "bob");
    world.policies.set("all", { default: rule({ people: 0 }) });
    expect(await granted(state, plan)).toBe(false);
    await yes(state, "carol");
    expect(await granted(state, plan)).toBe(true);
    world.policies.set("all", { default: rule({ people: 3 }) });
    expect(await granted(state, plan)).toBe(false);
    await yes(state, "dora");
    expect(await granted(state, plan)).toBe(true);
    await makeEffective(world.store, plan.body, new Map([["all", strong]]));
    world.policies.clear();
    await consumeApproval(world.deps, state.request, plan, "alice", "R-1");
    const next = await opened(await keptPlan(world.store, onePlan("two")));
    expect(next.requirements.map((each) => each.rule.people)).toEqual([2]);
  });

  test("a group that was renamed since the last run is not asked for any more; how many people are needed stays", async () => {
    await makeEffective(world.store, onePlan("x"), new Map([["all", { default: rule({ people: 2, groups: ["chiefs"] }) }]]));
    const state = await opened(await keptPlan(world.store));
    expect(state.requirements.map((each) => [each.rule.people, each.rule.groups])).toEqual([[2, []]]);
  });

  test("removing a deployment with its block is judged by the block that it had", async () => {
    await makeEffective(world.store, onePlan("x"), new Map([["all", { default: rule(), destructive: rule({ people: 2 }) }]]));
    world.policies.clear();
    const removal = { ...planBody(plannedNodeRole("n1", "web", { action: "remove" })), deployments: [] };
    const state = await opened(await keptPlan(world.store, removal));
    expect(state.requirements.map((each) => [each.risk, each.rule.people])).toEqual([["destructive", 2]]);
  });

  test("risks: destroying asks more, a critical role asks more, and both rules must be met", async () => {
    world.policies.set("all", { default: rule(), destructive: rule({ people: 2 }), pointOfNoReturn: rule({ groups: ["leads"] }) });
    const risky = planBody(
      plannedNodeRole("n1", "web", { critical: true, steps: [{ id: "file:/x", kind: "file", label: "file /x", change: "destroy" }] }),
    );
    const plan = await keptPlan(world.store, risky);
    const state = await opened(plan);
    // one of everybody is included in two of everybody
    expect(state.requirements.map((each) => each.risk)).toEqual(["destructive", "pointOfNoReturn"]);
    await yes(state, "bob");
    expect(await granted(state, plan)).toBe(false);
    await yes(state, "carol");
    expect(await granted(state, plan)).toBe(true);
  });
});

describe("a run", () => {
  const ask = (plan: Plan, request: "A-1", by = "alice") =>
    requestRun(world.store, plan, by, now, { request, claim: (run) => consumeApproval(world.deps, request, plan, by, run) });

  test("that is asked for many times with one request starts once", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    const runs = await Promise.allSettled(Array.from({ length: 5 }, () => ask(plan, "A-1")));
    const ids = new Set(runs.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    expect(ids.size).toBe(1);
    expect((await readApproval(world.deps, "A-1")).end).toMatchObject({ kind: "consumed", run: [...ids][0] });
    const intents = (await world.store.read({})).filter((event) => event.type === "intent.run");
    expect(intents).toHaveLength(1);
    expect(await codeOf(ask(plan, "A-1"))).toBe("APPROVAL_ENDED");
  });

  test("whose asker died after using the request is asked for under the same id", async () => {
    const plan = await keptPlan(world.store);
    await yes(await opened(plan), "bob");
    await consumeApproval(world.deps, "A-1", plan, "alice", "R-77");
    expect(await requestOf(world.deps, plan)).toEqual({ request: "A-1" });
    expect(await ask(plan, "A-1")).toBe("R-77");
  });

  test("is judged at its start and before each batch: by who may vote now, by rejections, by age; new votes let it go on", async () => {
    const plan = await keptPlan(world.store);
    const state = await opened(plan);
    await yes(state, "bob");
    const run = await ask(plan, "A-1");
    const judge = createApprovalJudge(world.deps);
    const question = { plan, by: "alice", run, request: "A-1" } as const;
    const codes = async (phase: "start" | "batch", parts: object = {}): Promise<readonly unknown[]> =>
      (await judge({ ...question, phase, ...parts })).map((each) => [each.problem.code, each.final]);
    expect(await codes("start")).toEqual([]);
    expect(await codes("batch")).toEqual([]);
    expect(await codes("start", { run: "R-99" })).toEqual([["APPROVAL_UNUSED", true]]);
    expect(await codes("start", { plan: { ...plan, digest: "sha256:99" } })).toEqual([["APPROVAL_DIGEST", true]]);
    expect(await judge({ phase: "start", plan, by: "alice", run })).toMatchObject([{ problem: { code: "APPROVAL_NEEDED" }, final: false }]);
    world.people = peopleText.replace("approver: [alice, bob, leads]", "approver: [alice, leads]");
    expect(await codes("start")).toEqual([["APPROVAL_NEEDED", false]]);
    await yes(state, "carol");
    expect(await codes("batch")).toEqual([]);
    await no(state, "dora");
    expect(await codes("batch")).toEqual([["APPROVAL_REJECTED", false]]);
    await withdraw(world.deps, "A-1", local("dora"), false);
    now += 2 * 3_600_000;
    expect(await codes("batch")).toEqual([["APPROVAL_NEEDED", false]]);
    await yes(state, "carol");
    expect(await codes("batch")).toEqual([["APPROVAL_NEEDED", false]]);
  });
});
