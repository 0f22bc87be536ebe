import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Lock,
  type LockState,
  decideLock,
  foldLocks,
  locksAgainst,
  locksHeld,
  noLocks,
  releaseEvent,
} from "../../../../src/core/authority/locks/lock-state.ts";
import type { JournalEvent, Recorded } from "../../../../src/core/journal/events.ts";

const people = ["ann", "bob", "cyd"] as const;
const targets = [undefined, "web", "db"] as const;

/** What one writer does: reads the stream as it was so many events ago, decides on it, and appends without asking again. */
interface Act {
  readonly person: (typeof people)[number];
  readonly target: (typeof targets)[number];
  readonly what: "lock" | "unlock" | "force" | "forged";
  readonly late: number;
  readonly ttl: number | undefined;
  readonly passes: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  person: fc.constantFrom(...people),
  target: fc.constantFrom(...targets),
  what: fc.constantFrom("lock" as const, "lock" as const, "unlock" as const, "force" as const, "forged" as const),
  late: fc.nat({ max: 4 }),
  ttl: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
  passes: fc.nat({ max: 20 }),
});

/** Two locks of different people that cover a same deployment at the same time. */
function overlap(held: readonly Lock[]): boolean {
  return held.some((a) =>
    held.some((b) => a.holder !== b.holder && (a.deployment === undefined || b.deployment === undefined || a.deployment === b.deployment)),
  );
}

function eventsOf(act: Act, seen: LockState, now: number): readonly JournalEvent[] {
  const { person, target, what, ttl } = act;
  const wish = {
    deployments: target === undefined ? [] : [target],
    holder: person,
    reason: "r",
    ...(ttl === undefined ? {} : { until: now + ttl }),
  };
  if (what === "lock") {
    const decision = decideLock(seen, wish, now);
    return "events" in decision ? decision.events : [];
  }
  // somebody who did not look at all
  if (what === "forged") {
    const { deployments: _, ...rest } = wish;
    return [
      { type: "lock.taken", v: 1, lock: "L-99", ...(target === undefined ? {} : { deployment: target }), ...rest, token: seen.token + 1 },
    ];
  }
  const lock = locksHeld(seen, now).find((each) => each.deployment === target && (what === "force" || each.holder === person));
  return lock === undefined ? [] : [releaseEvent(lock, person, what === "force" ? { reason: "f" } : undefined)];
}

describe("locks", () => {
  test("whatever writers did on however old a view, no two people hold overlapping locks at any moment", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const states: LockState[] = [noLocks];
        let now = 1000;
        let version = 0;
        for (const each of acts) {
          now += each.passes;
          const seen = states[Math.max(0, states.length - 1 - each.late)] ?? noLocks;
          for (const event of eventsOf(each, seen, now)) {
            version += 1;
            const recorded = { ...event, seq: version, at: now, stream: "locks", version } as Recorded;
            const before = states.at(-1) ?? noLocks;
            const after = foldLocks(before, recorded);
            expect(after.version).toBe(version);
            expect(after.token).toBeGreaterThanOrEqual(before.token);
            states.push(after);
            for (const moment of [now, now + 1, now + 25, now + 1000]) expect(overlap(locksHeld(after, moment))).toBe(false);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  const taken = (holder: string, deployment: string | undefined, token: number, at: number, until?: number): Recorded =>
    ({
      type: "lock.taken",
      v: 1,
      lock: `L-${token}`,
      ...(deployment === undefined ? {} : { deployment }),
      holder,
      reason: "INC-1",
      ...(until === undefined ? {} : { until }),
      token,
      seq: token,
      at,
      stream: "locks",
      version: token,
    }) as Recorded;

  test("a lock ends by itself at its end, not before and not after", () => {
    const state = foldLocks(noLocks, taken("ann", "web", 1, 100, 200));
    expect(locksHeld(state, 199)).toHaveLength(1);
    expect(locksHeld(state, 200)).toEqual([]);
    expect("against" in decideLock(state, { deployments: ["web"], holder: "bob", reason: "r" }, 199)).toBe(true);
    expect("events" in decideLock(state, { deployments: ["web"], holder: "bob", reason: "r" }, 200)).toBe(true);
  });

  test("a release that names an older token does not free the lock that came after", () => {
    const first = foldLocks(noLocks, taken("ann", "web", 1, 100, 150));
    const old = [...first.locks.values()][0] as Lock;
    const second = foldLocks(first, taken("bob", "web", 2, 160));
    const late = { ...releaseEvent(old, "ann", undefined), seq: 3, at: 170, stream: "locks", version: 3 } as Recorded;
    expect(locksHeld(foldLocks(second, late), 170).map((each) => each.holder)).toEqual(["bob"]);
  });

  test("a lock of the cluster blocks every deployment, for everybody but its holder", () => {
    const state = foldLocks(noLocks, taken("ann", undefined, 1, 100));
    expect(locksAgainst(state, ["web"], new Set(["bob"]), 200)).toHaveLength(1);
    expect(locksAgainst(state, ["web"], new Set(["ann"]), 200)).toEqual([]);
    expect(locksAgainst(state, ["web"], new Set(["bob", "ann"]), 200)).toEqual([]);
    expect("against" in decideLock(state, { deployments: ["web"], holder: "bob", reason: "r" }, 200)).toBe(true);
    expect("events" in decideLock(state, { deployments: ["web"], holder: "ann", reason: "r" }, 200)).toBe(true);
  });

  test("a lock of one deployment does not hold others, but keeps others from locking the cluster", () => {
    const state = foldLocks(noLocks, taken("ann", "web", 1, 100));
    expect(locksAgainst(state, ["db"], new Set(["bob"]), 200)).toEqual([]);
    expect("against" in decideLock(state, { deployments: [], holder: "bob", reason: "r" }, 200)).toBe(true);
  });

  test("of several deployments, all are locked or none", () => {
    const state = foldLocks(noLocks, taken("ann", "web", 1, 100));
    const decision = decideLock(state, { deployments: ["db", "web"], holder: "bob", reason: "r" }, 200);
    expect(decision).toEqual({ against: [expect.objectContaining({ holder: "ann", deployment: "web" })] });
  });

  test("locking again renews the own lock: same name, new token, new end", () => {
    const state = foldLocks(noLocks, taken("ann", "web", 1, 100, 300));
    const decision = decideLock(state, { deployments: ["web"], holder: "ann", reason: "more", until: 900 }, 200);
    expect(decision).toEqual({ events: [expect.objectContaining({ lock: "L-1", token: 2, until: 900, reason: "more" })] });
  });
});
