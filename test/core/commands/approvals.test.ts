import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { renderAnswer } from "../../../src/cli/render.ts";
import { createScreen } from "../../../src/cli/screen.ts";
import type { Authority } from "../../../src/core/authority/people.ts";
import { keepPeople } from "../../../src/core/authority/people/kept.ts";
import { applyCommand } from "../../../src/core/commands/apply.ts";
import { approvalsCommand } from "../../../src/core/commands/authority/approvals.ts";
import { approveCommand } from "../../../src/core/commands/authority/approve.ts";
import { rejectCommand } from "../../../src/core/commands/authority/reject.ts";
import { withdrawCommand } from "../../../src/core/commands/authority/withdraw.ts";
import type { Answer } from "../../../src/core/commands/command.ts";
import { statusCommand } from "../../../src/core/commands/status.ts";
import { whyCommand } from "../../../src/core/commands/why.ts";
import { problem } from "../../../src/core/errors.ts";
import { loadPeople } from "../../../src/core/files/load-people.ts";
import type { Principal } from "../../../src/core/authority/principal.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { rule } from "../authority/approvals/world.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";

/** The rig's person is `ann`: whether she made the plan or only looks at it is a matter of the plan's author. */
const peopleText = `halligan: 1
people: { ann: { local: [ann] }, ben: { local: [ben] } }
roles: { approver: [ann, ben], operator: [everyone], observer: [everyone] }
`;

let folder: string;
let house: FakeHouse;
const body = planBody(plannedNodeRole("n1", "web"));
const args = { targets: [], wait: false, queue: true, detach: true };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-approval-commands-"));
  const inner = await openFakeHouse(folder, body);
  const { people } = loadPeople({ file: "people.yaml", text: peopleText });
  if (people === undefined) throw new Error("the test's people.yaml has problems");
  await keepPeople(inner.store, people.digest, peopleText);
  const authority = async (): Promise<Authority> => ({ mode: "people", people });
  const principal: Principal = { kind: "local", user: "ann" };
  const policies = async () => new Map([["all", { default: rule() }]]);
  const { store, clock } = inner;
  house = { ...inner, authority, principal, approvals: { store, clock, authority, policies } };
});

afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const text = z.string();
const count = z.int().min(0);
const phase = z.enum(["open", "granted", "rejected", "consumed", "voided", "closed", "withdrawn", "expired"]);
const row = {
  request: z.templateLiteral(["A-", z.int()]),
  plan: z.templateLiteral(["P-", z.int()]),
  digest: z.templateLiteral(["sha256:", text]),
  phase,
  author: text,
  by: text,
  deployments: z.array(text),
  openedAt: count,
  expiresAt: count,
  run: text.nullable(),
  missing: text,
};
const approval = z.strictObject({
  halligan: z.literal(1),
  kind: z.literal("approval"),
  type: z.literal("approval.requested").optional(),
  ...row,
  done: z.enum(["shown", "explained", "asked", "found", "approved", "rejected", "withdrawn", "already"]),
  cluster: text,
  requirements: z.array(
    z.strictObject({
      deployment: text,
      risk: z.enum(["default", "destructive", "pointOfNoReturn"]),
      people: count,
      groups: z.array(text),
      excludeAuthor: z.boolean(),
      excludeEditor: z.boolean(),
      stepUp: z.boolean(),
      counted: z.array(text),
      missing: count,
      mayVote: z.array(text),
    }),
  ),
  votes: z.array(
    z.strictObject({ person: text, principal: text, at: count, signed: z.boolean(), counts: z.boolean(), why: text.optional() }),
  ),
  rejections: z.array(z.strictObject({ person: text, principal: text, at: count, reason: text })),
  end: text.nullable(),
  changed: z.array(text),
  signedText: text,
  what: z.looseObject({ kind: z.literal("plan") }),
  at: count,
});
const approvals = z.strictObject({
  halligan: z.literal(1),
  kind: z.literal("approvals"),
  requests: z.array(z.strictObject(row)),
  more: count,
  at: count,
});

async function told(answer: Answer): Promise<string> {
  return await renderAnswer(answer, createScreen({ isTerminal: false, columns: 200, plain: true, environment: {} }));
}

const shown = async (request: string): Promise<Answer> => await call(house, approvalsCommand, { request, all: false }).answer;

describe("a plan that somebody else must approve", () => {
  test("apply ends with exit 3, the request as its last event, and the exact next commands", async () => {
    const applied = call(house, applyCommand, args, true);
    const answer = await applied.answer;
    expect(answer.exit).toBe(3);
    expect(z.prettifyError(approval.safeParse(answer.document).error ?? new z.ZodError([]))).toBe("");
    expect(answer.document).toMatchObject({
      type: "approval.requested",
      request: "A-1",
      phase: "open",
      done: "asked",
      requirements: [{ mayVote: ["ben"] }],
    });
    expect(applied.passed.findLast((each) => each.type === "event")).toMatchObject({
      event: { type: "approval.requested", request: "A-1", plan: "P-1", digest: "sha256:02" },
    });
    const words = await told(answer);
    expect(words).toContain("Next: halligan approve A-1 --digest 02 by one of those who may;");
    expect(words).toContain("halligan apply P-1 runs it");
    expect((await call(house, applyCommand, { ...args, targets: ["P-1"] }, true).answer).document).toMatchObject({
      request: "A-1",
      done: "found",
    });
    expect(await house.store.get("runs", "R-1")).toBeUndefined();
  });

  test("is listed, shown, explained and part of status; lists have the promised shape", async () => {
    await call(house, applyCommand, args, true).answer;
    const list = await call(house, approvalsCommand, { all: false }).answer;
    expect(z.prettifyError(approvals.safeParse(list.document).error ?? new z.ZodError([]))).toBe("");
    expect(await told(list)).toMatch(/A-1 +P-1 +ann +all +open/u);
    expect(await told(await shown("A-1"))).toContain("1 approval (all): 1 missing; may approve: ben");
    expect((await call(house, whyCommand, { nodeRole: "A-1" }).answer).document).toMatchObject({ kind: "approval", done: "explained" });
    expect((await call(house, statusCommand, {}).answer).document).toMatchObject({ standing: { approvals: [{ request: "A-1" }] } });
    expect(await codesOf(call(house, approvalsCommand, { request: "A-9", all: false }).answer)).toEqual(["APPROVAL_NOT_FOUND"]);
    expect(await codesOf(call(house, approvalsCommand, { request: "P-1", all: false }).answer)).toEqual(["APPROVAL_NOT_FOUND"]);
  });

  test("its author cannot approve it, and can withdraw it", async () => {
    await call(house, applyCommand, args, true).answer;
    expect(await codesOf(call(house, approveCommand, { request: "A-1" }).answer)).toEqual(["APPROVAL_NOT_COUNTED"]);
    const gone = await call(house, withdrawCommand, { request: "A-1" }).answer;
    expect(gone.document).toMatchObject({ done: "withdrawn", phase: "withdrawn", end: "ann withdrew it" });
    expect(await codesOf(call(house, approveCommand, { request: "A-1" }).answer)).toEqual(["APPROVAL_ENDED"]);
    expect((await call(house, approvalsCommand, { all: false }).answer).document).toMatchObject({ requests: [], more: 1 });
  });
});

describe("a plan of somebody else", () => {
  beforeEach(async () => {
    const { openApproval } = await import("../../../src/core/authority/approvals/desk.ts");
    const plan = await house.plan({ deployments: [], by: "ben", onProgress: () => undefined, signal: new AbortController().signal });
    await openApproval(house.approvals, plan, "ben");
  });

  test("is approved for the digest that was read, once, and then runs", async () => {
    expect(await codesOf(call(house, approveCommand, { request: "A-1", digest: "12345678" }).answer)).toEqual(["APPROVAL_DIGEST"]);
    expect(await codesOf(call(house, approveCommand, { request: "A-1", digest: "xyz" }).answer)).toEqual(["APPROVAL_DIGEST"]);
    expect((await call(house, approveCommand, { request: "A-1" }).answer).document).toMatchObject({ done: "approved", phase: "granted" });
    expect((await call(house, approveCommand, { request: "A-1" }).answer).document).toMatchObject({ done: "already" });
    expect((await call(house, applyCommand, { ...args, targets: ["P-1"] }, true).answer).document).toMatchObject({
      kind: "detached",
      run: "R-1",
    });
  });

  test("is rejected with a reason, which blocks it until it is taken back", async () => {
    const no = await call(house, rejectCommand, { request: "A-1", reason: "not today" }).answer;
    expect(no.document).toMatchObject({ done: "rejected", phase: "rejected", missing: "ann rejected it: not today" });
    expect(await codesOf(call(house, applyCommand, { ...args, targets: ["P-1"] }, true).answer)).toEqual(["APPROVAL_REJECTED"]);
    expect((await call(house, withdrawCommand, { request: "A-1" }).answer).document).toMatchObject({ done: "withdrawn", phase: "open" });
  });
});

describe("a run that is held", () => {
  test("says so in status and why, with what holds it and what to do", async () => {
    const plan = await house.plan({ deployments: [], by: "ben", onProgress: () => undefined, signal: new AbortController().signal });
    await house.requestRun(plan, "ben");
    const why = problem("APPROVAL_NEEDED", { message: "P-1 is not approved (A-1): ben left." });
    await house.append({ type: "run.held", v: 1, run: "R-1", problems: [why] });
    const status = await call(house, statusCommand, {}).answer;
    expect(status.document).toMatchObject({ activeRun: { held: { problems: [{ code: "APPROVAL_NEEDED" }] } } });
    expect(await told(status)).toMatch(
      /R-1 of plan P-1 by ben: held, (?:begun|asked for) .* ago, .*\n  held for .*\n  APPROVAL_NEEDED P-1 is not approved \(A-1\): ben left\./u,
    );
    const explained = await call(house, whyCommand, { nodeRole: "R-1" }).answer;
    expect(explained.document).toMatchObject({ kind: "why-run", run: "R-1", held: { problems: [{ code: "APPROVAL_NEEDED" }] } });
    expect(await told(explained)).toContain("ben left");
    await house.append({ type: "run.released", v: 1, run: "R-1" });
    expect((await call(house, statusCommand, {}).answer).document).toMatchObject({ activeRun: { held: null } });
  });
});
