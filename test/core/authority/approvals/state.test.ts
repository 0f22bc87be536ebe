import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ApprovalEvent,
  type ApprovalState,
  approvalAt,
  foldApproval,
  foldApprovals,
} from "../../../../src/core/authority/approvals/state.ts";
import type { Recorded } from "../../../../src/core/journal/events.ts";
import { rule } from "./world.ts";

const digest = "sha256:aa";
const opened: ApprovalEvent = {
  type: "approval.requested",
  v: 1,
  request: "A-1",
  plan: "P-1",
  digest,
  cluster: "test",
  scope: ["all"],
  deployments: ["all"],
  by: "alice",
  author: "alice",
  requirements: [{ deployment: "all", risk: "default", rule: rule() as never }],
  people: "sha256:bb",
  expiresAt: 1_000,
};

const people = ["alice", "bob", "carol"] as const;
const act: fc.Arbitrary<ApprovalEvent> = fc
  .record({ kind: fc.nat(9), person: fc.constantFrom(...people), run: fc.integer({ min: 1, max: 4 }), wrong: fc.boolean() })
  .map(({ kind, person, run, wrong }): ApprovalEvent => {
    const head = { v: 1, request: "A-1" } as const;
    const who = { person, principal: `local:${person}` };
    if (kind <= 2) return { type: "approval.given", ...head, ...who, digest: wrong ? "sha256:other" : digest };
    if (kind === 3) return { type: "approval.rejected", ...head, ...who, digest, reason: "no" };
    if (kind === 4) return { type: "approval.withdrawn", ...head, ...who, what: wrong ? "vote" : "rejection" };
    if (kind === 5) return { type: "approval.consumed", ...head, run: `R-${run}`, plan: "P-1", by: person };
    if (kind === 6) return { type: "approval.voided", ...head, plan: "P-2", digest: "sha256:cc", by: person, changed: [] };
    if (kind === 7) return { type: "approval.closed", ...head, why: "empty", plan: "P-2", by: person };
    if (kind === 8)
      return wrong
        ? { type: "approval.withdrawn", ...head, ...who, what: "request" }
        : { type: "approval.retained", ...head, plan: "P-9", by: person };
    return { type: "approval.expired", ...head };
  });

/** A stream: the request, then acts at growing times that may pass the expiry, sometimes opened a second time. */
const stream = fc.array(fc.record({ act, step: fc.nat(220) }), { maxLength: 25 }).map((acts) => {
  let at = 0;
  const record = (event: ApprovalEvent, index: number): Recorded => ({
    ...event,
    seq: index + 1,
    version: index + 1,
    stream: "approval:A-1",
    at,
  });
  return [
    record(opened, 0),
    ...acts.map(({ act: event, step }, index) => {
      at += step;
      return record(event, index + 1);
    }),
  ];
});

function steps(events: readonly Recorded[]): ApprovalState[] {
  const states: ApprovalState[] = [];
  let state: ApprovalState | undefined;
  for (const event of events) {
    state = foldApproval(state, event);
    if (state !== undefined) states.push(state);
  }
  return states;
}

describe("the fold of an approval request", () => {
  test("ends once: whatever comes after the first end changes neither the end nor what the request is about", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const states = steps(events);
        const end = states.find((each) => each.end !== undefined)?.end;
        for (const each of states) {
          expect(each.end ?? end).toEqual(end);
          expect([each.digest, each.expiresAt, each.requirements]).toEqual([
            digest,
            1_000,
            opened.type === "approval.requested" ? opened.requirements : [],
          ]);
        }
      }),
    );
  });

  test("is used by one run at most, and never after its expiry or another end", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const state = foldApprovals(events);
        const first = events.find(
          ({ type, at }) =>
            at >= 1_000 || ["approval.consumed", "approval.voided", "approval.closed"].includes(type) || isWithdrawal(type, events, at),
        );
        if (state?.end?.kind !== "consumed") return;
        expect(first?.type).toBe("approval.consumed");
        expect(first).toMatchObject({ run: state.end.run });
        expect(state.end.at).toBeLessThan(1_000);
      }),
    );
  });

  test("an untouched request runs out at its time, and one that was used in time does not", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const state = foldApprovals(events);
        if (state === undefined) throw new Error("no state");
        expect(approvalAt(state, 1_000).end).toBeDefined();
        expect(approvalAt(state, 1e9).end?.kind).toBe(state.end?.kind ?? "expired");
      }),
    );
  });

  test("holds one opinion of a person at a time, for the right digest only", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const state = foldApprovals(events);
        for (const person of people) expect(state?.votes.has(person) === true && state.rejections.has(person)).toBe(false);
        const lastWord = new Map<string, Recorded>();
        for (const [index, event] of events.entries()) {
          // What ended it may bear the time of an opinion before it.
          const end = foldApprovals(events.slice(0, index + 1))?.end;
          if (end !== undefined && end.kind !== "consumed") break;
          if ((event.type === "approval.given" && event.digest === digest) || event.type === "approval.rejected")
            lastWord.set(event.person, event);
        }
        for (const person of state?.votes.keys() ?? []) expect(lastWord.get(person)?.type).toBe("approval.given");
      }),
    );
  });

  test("a duplicated stream gives the same votes, rejections and end", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const once = foldApprovals(events);
        const twice = foldApprovals(
          events.flatMap((event): readonly Recorded[] => (event.type === "approval.withdrawn" ? [event] : [event, event])),
        );
        expect([[...(twice?.votes.keys() ?? [])], [...(twice?.rejections.keys() ?? [])], twice?.end]).toEqual([
          [...(once?.votes.keys() ?? [])],
          [...(once?.rejections.keys() ?? [])],
          once?.end,
        ]);
      }),
    );
  });
});

function isWithdrawal(type: string, events: readonly Recorded[], at: number): boolean {
  return (
    type === "approval.withdrawn" && events.some((each) => each.at === at && each.type === "approval.withdrawn" && each.what === "request")
  );
}
