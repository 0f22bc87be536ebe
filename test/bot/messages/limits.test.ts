import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { homeView } from "../../../src/bot/messages/home.ts";
import { approverMessage, breakglassMessage, decidedMessage, runEndedMessage } from "../../../src/bot/messages/direct.ts";
import {
  applyModal,
  cancelModal,
  handoffModal,
  type ModalMemory,
  rejectModal,
  retryModal,
  reviewModal,
  rollbackModal,
} from "../../../src/bot/messages/modals.ts";
import { planMessage } from "../../../src/bot/messages/plan-message.ts";
import { type PlanPhase, type PlanView, planActs } from "../../../src/bot/messages/plan-view.ts";
import { endedMessage, failureMessage, moreFailuresMessage, runMessage } from "../../../src/bot/messages/run-message.ts";
import { type RunView, runActs } from "../../../src/bot/messages/run-view.ts";
import type { HomeView, Message, Modal } from "../../../src/bot/text/message.ts";
import { esc, mrkdwn } from "../../../src/bot/text/slack-text.ts";
import { limitViolations } from "../../../src/bot/text/violations.ts";
import type { ApprovalDocument } from "../../../src/core/commands/authority/approval-document.ts";
import { documentPlan } from "../../../src/core/commands/plan-document.ts";
import { commands } from "../../../src/core/commands/registry.ts";
import { type Problem, problem } from "../../../src/core/errors.ts";
import type { Plan, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import { progressOf } from "../../../src/core/run/pace.ts";
import { initialState } from "../../../src/core/run/state.ts";
import { messageFaults, viewFaults } from "../../support/slack-double/check-message.ts";

const now = 1_800_000_000_000;
const digest = `sha256:${"ab".repeat(32)}` as const;
const style = { commands, prefix: "/halligan", cluster: "lab-a" };

/** Names that nobody could give by the files, and errors that nobody wants to read. */
const nasty = fc.oneof(
  fc.constantFrom(
    "web-1",
    "<!channel>",
    "<@U0123>",
    "```",
    "*x*",
    "\u202eevil",
    "a`b",
    "x".repeat(5000),
    "<https://e.example|ok>",
    "~/.ssh",
    "\u001b[2J",
    "😀".repeat(900),
  ),
  fc.string({ unit: "binary", maxLength: 80 }),
);
/** What the tests look for: it must not get through. */
const secretText = "postgres://app:hunter22hunter22@db/prod";

interface Seed {
  readonly size: number;
  readonly names: readonly string[];
  readonly kind: PlanPhase["kind"];
  readonly run: "requested" | "running" | "succeeded" | "failed" | "cancelled";
}

const seeds: fc.Arbitrary<Seed> = fc.record({
  size: fc.oneof(fc.constantFrom(0, 1, 2, 30), fc.integer({ min: 0, max: 400 })),
  names: fc.array(nasty, { minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom("empty", "denied", "ready", "unasked", "open", "granted", "rejected", "used", "over", "outdated"),
  run: fc.constantFrom("requested", "running", "succeeded", "failed", "cancelled"),
});

function nameOf({ names }: Seed, index: number): string {
  return `${names[index % names.length] ?? ""}${index % 3 === 0 ? index : ""}`;
}

function planned(seed: Seed): readonly PlannedNodeRole[] {
  return Array.from({ length: seed.size }, (_, index): PlannedNodeRole => {
    const node = nameOf(seed, index);
    const role = nameOf(seed, index + 1);
    const change = (["create", "change", "destroy", "unknown", "none"] as const)[index % 5] ?? "none";
    const action = index % 7 === 0 ? "remove" : index % 11 === 0 ? "skip" : "apply";
    const steps = Array.from({ length: 1 + (index % 4) }, (_unused, step) => ({
      id: `file:${step}`,
      kind: "file",
      label: `file ${nameOf(seed, index + step)}`,
      change,
      diff: `--- a\n+++ b\n@@ -1 +1 @@\n-${nameOf(seed, step)}\n+${secretText} ${nameOf(seed, step + 2)}\n`.repeat(1 + (index % 3)),
    }));
    return {
      id: `${node}/${role}`,
      node,
      role,
      barclamp: "b",
      barclampDigest: digest,
      deployment: nameOf(seed, index % 5),
      cohort: index % 9,
      action,
      actions: digest,
      after: [],
      steps,
      rollout: { maxFailures: { nodes: 1 }, batch: { nodes: 3 } } as unknown as PlannedNodeRole["rollout"],
      inputs: {},
      outputs: {},
      secrets: [],
    };
  });
}

function trouble(seed: Seed, index: number): Problem {
  const text = `${nameOf(seed, index)} ${secretText}`;
  return problem("STEP_FAILED", {
    message: text,
    at: { node: nameOf(seed, index), role: "r" },
    cause: text.repeat(1 + (index % 40)),
    hint: `Read \`halligan logs\` and ${text}`,
  });
}

function planOf(seed: Seed): Plan {
  const nodeRoles = planned(seed);
  const deployments = [...new Set(nodeRoles.map((each) => each.deployment))];
  const body = {
    halligan: 1 as const,
    cluster: "lab-a",
    deployments,
    nodeRoles,
    problems: Array.from({ length: seed.size % 40 }, (_, index) => trouble(seed, index)),
  };
  return { id: "P-7", digest, body, author: nameOf(seed, 0), at: now, revision: digest, facts: digest } as unknown as Plan;
}

function requestOf(seed: Seed, plan: Plan): ApprovalDocument {
  const people = Array.from({ length: Math.min(60, seed.size) }, (_, index) => nameOf(seed, index));
  return {
    halligan: 1,
    kind: "approval",
    done: "shown",
    request: "A-3",
    plan: "P-7",
    digest,
    phase: "open",
    author: nameOf(seed, 1),
    by: nameOf(seed, 2),
    cluster: "lab-a",
    deployments: plan.body.deployments,
    openedAt: now,
    expiresAt: now + 60_000,
    run: null,
    missing: people.join(),
    requirements: people.map((deployment) => ({
      deployment,
      risk: "destructive" as const,
      people: 2,
      groups: people,
      excludeAuthor: true,
      excludeEditor: true,
      stepUp: true,
      counted: people,
      missing: 2,
      mayVote: people,
    })),
    votes: people.map((person) => ({ person, principal: "slack:T/U", at: now, signed: true, counts: false, why: nameOf(seed, 4) })),
    rejections: people.map((person) => ({ person, principal: "slack:T/U", at: now, reason: `${nameOf(seed, 5)} ${secretText}` })),
    end: nameOf(seed, 3),
    changed: people,
    signedText: "",
    what: documentPlan(plan),
    at: now,
  };
}

function planView(seed: Seed): PlanView {
  const plan = planOf(seed);
  const request = requestOf(seed, plan);
  const phases: Readonly<Record<PlanPhase["kind"], PlanPhase>> = {
    empty: { kind: "empty" },
    denied: { kind: "denied" },
    ready: { kind: "ready" },
    unasked: { kind: "unasked" },
    open: { kind: "open", request },
    granted: { kind: "granted", request },
    rejected: { kind: "rejected", request },
    used: { kind: "used", run: "R-1", request },
    over: { kind: "over", request },
    outdated: { kind: "outdated", why: nameOf(seed, 2), forGood: false },
  };
  const gates = Array.from({ length: seed.size % 30 }, (_, index) => ({
    kind: "lock" as const,
    problem: trouble(seed, index),
    final: false,
  }));
  const names = request.requirements.map(({ deployment }) => deployment);
  return {
    style,
    document: documentPlan(plan, undefined, gates),
    author: plan.author,
    at: now,
    phase: phases[seed.kind],
    needed: names.map((words) => ({ words, mayVote: names })),
    restarts: names.map((what) => ({ what, nodes: names })),
    fileBelow: seed.size % 2 === 0,
  };
}

function runView(seed: Seed): RunView {
  const plan = planOf(seed);
  const intent = {
    type: "intent.run",
    v: 1,
    run: "R-12",
    plan: "P-7",
    digest,
    by: nameOf(seed, 1),
    breakglass: { reason: nameOf(seed, 2) },
    seq: 1,
    at: now,
    stream: "run:R-12",
    version: 1,
  } as const;
  const problems = Array.from({ length: Math.min(50, seed.size) }, (_, index) => trouble(seed, index));
  const states = ["transition", "error", "active", "waiting", "unknown"] as const;
  const before = initialState(intent, plan.body);
  let place = 0;
  for (const [id, each] of before.nodeRoles)
    before.nodeRoles.set(id, { ...each, state: states[place++ % states.length] ?? "waiting", since: now - 600_000, step: "file:0" });
  const ended = seed.run === "requested" || seed.run === "running" ? undefined : seed.run;
  const counts = { active: 1, changed: 1, skipped: 2, retired: 3, failed: 4, blocked: 5, unknown: 6 };
  const state = { ...before, phase: seed.run, held: { problems, since: now, until: now + 1 }, owner: nameOf(seed, 3), startedAt: now };
  return {
    style,
    state,
    digest,
    deployments: plan.body.deployments,
    progress: progressOf(state, new Map()),
    leftMs: 123_456,
    lost: new Map(problems.map((each, index) => [nameOf(seed, index), each.message])),
    failures: problems.map((each, index) => ({
      id: `${nameOf(seed, index)}/r`,
      problem: each,
      step: nameOf(seed, index + 1),
      tail: `${secretText}\n${nameOf(seed, index)}\n`.repeat(200),
      note: { note: "N-1", node: "n", text: nameOf(seed, 2), by: nameOf(seed, 1), at: now },
    })) as unknown as RunView["failures"],
    waits: problems.map(({ message }) => ({ kind: "lock" as const, code: "LOCK_HELD", message, until: now })),
    ended:
      ended === undefined
        ? undefined
        : ({
            type: "run.ended",
            v: 1,
            run: "R-12",
            phase: ended,
            nodeRoles: counts,
            durationMs: 5,
            problems,
            seq: 9,
            at: now,
            stream: "run:R-12",
            version: 9,
          } as unknown as NonNullable<RunView["ended"]>),
    can: { retry: true, rollback: true },
    now,
  };
}

function memory(seed: Seed): ModalMemory {
  return {
    act: "review",
    cluster: "lab-a",
    id: "P-7",
    digest: "ab".repeat(6),
    nonce: "0".repeat(12),
    user: "U0123",
    channel: "C0123",
    ts: "1.2",
    named: seed.size % 2 === 0,
  };
}

/** Everything that is made of a plan or a run. */
function everything(seed: Seed): readonly (Message | Modal | HomeView)[] {
  const [plan, run, ask] = [planView(seed), runView(seed), memory(seed)];
  const [failure] = run.failures;
  return [
    planMessage(plan),
    approverMessage(plan, mrkdwn``),
    decidedMessage(plan, esc("P-7")),
    reviewModal(plan, ask),
    applyModal(plan, ask),
    rejectModal(plan, ask),
    runMessage(run),
    runMessage(run, now),
    runEndedMessage(run, mrkdwn``),
    endedMessage(run, [mrkdwn`<@U0123>`]),
    moreFailuresMessage(run, run.failures),
    breakglassMessage(
      run,
      run.failures.map(({ problem: { message } }) => message),
    ),
    cancelModal(run, ask),
    retryModal(run, ask),
    rollbackModal(run, ask),
    handoffModal(run, ask),
    ...(failure === undefined ? [] : [failureMessage(run, failure)]),
    homeView(
      [
        {
          style,
          person: "ann",
          waiting: [],
          runs: run.failures.map(({ id }) => ({ run: id, plan: id, phase: id, at: now, link: mrkdwn`` })),
          now: esc(plan.author),
          locks: run.failures.map(({ id }) => id),
          freezes: [],
          drift: plan.author,
        },
      ],
      now,
    ),
  ];
}

/** All texts, as Slack would show them. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((each) => texts(each));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "value" || key === "metadata" ? [] : texts(inner)));
}

/** What the strict double would refuse, by its own table. */
function doubleFaults(made: Message | Modal | HomeView): readonly string[] {
  const blocks = made.blocks as unknown;
  if ("text" in made) return messageFaults({ text: made.text, blocks });
  const plain = (text: string): object => ({ type: "plain_text", text });
  if (made.type === "home") return viewFaults({ type: "home", blocks });
  const { title, close, submit, callbackId, metadata } = made;
  const named = { title: plain(title), close: plain(close), ...(submit === undefined ? {} : { submit: plain(submit) }) };
  return viewFaults({ type: "modal", ...named, callback_id: callbackId, private_metadata: metadata, blocks });
}

function check(made: Message | Modal | HomeView): void {
  expect(limitViolations(made)).toEqual([]);
  expect(doubleFaults(made)).toEqual([]);
  const all = texts(made).join("\n");
  expect(all).not.toContain("hunter22");
  expect(all).not.toMatch(/<(?!@[UW][A-Z0-9]+>|!date\^)/u);
  expect(all).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/u);
}

describe("messages", () => {
  test("whatever a plan or a run holds: within the limits, nothing injected, no secret", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const made of everything(seed)) check(made);
      }),
      { numRuns: 60 },
    );
  });

  test("10,000 node-roles with hostile names", () => {
    for (const kind of ["open", "ready"] as const)
      for (const made of everything({ size: 10_000, names: ["<!channel>", "`*_~`", "n".repeat(300)], kind, run: "running" })) check(made);
  }, 120_000);

  test("buttons are those of the state, and say what they do to what", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [plan, run] = [planView(seed), runView(seed)];
        const pressed = (message: Message): readonly string[] =>
          message.blocks
            .flatMap((each) => (each.type === "actions" ? each.elements : []))
            .flatMap((each) => (each.type === "button" ? [each.action_id ?? ""] : []));
        expect(pressed(planMessage(plan))).toEqual(planActs(plan).map((act) => `halligan:${act}`));
        expect(pressed(runMessage(run))).toEqual(runActs(run).map((act) => `halligan:${act}`));
        const decided = ["used", "over", "outdated", "empty", "denied"].includes(seed.kind);
        expect(decided && planActs(plan).includes("review")).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
