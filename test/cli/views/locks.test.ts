import { expect, test } from "vitest";
import { renderAnswer } from "../../../src/cli/render.ts";
import type { JournalEvent } from "../../../src/core/journal/events.ts";
import { eventWords } from "../../../src/core/words/events.ts";
import { paper } from "./screens.ts";

const at = Date.parse("2026-11-27T12:00Z");
const hour = 3_600_000;

async function shown(document: { readonly kind: string } & Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  return (await renderAnswer({ exit: 0, document: { halligan: 1, ...document } }, paper)).trimEnd().split("\n");
}

const lock = { lock: "L-1", deployment: "web", holder: "ann", reason: "INC-311", since: at - 60_000, until: at + 2 * hour };

test("locks: who holds what, why, until when", async () => {
  expect(await shown({ kind: "locks", locks: [], at })).toEqual(["Nothing is locked."]);
  expect(await shown({ kind: "locks", locks: [lock, { ...lock, lock: "L-2", deployment: null, until: null }], at })).toEqual([
    "LOCK  WHAT         HOLDER  SINCE       ENDS           REASON",
    "L-1   web          ann     1m 00s ago  in 2h 00m      INC-311",
    "L-2   the cluster  ann     1m 00s ago  when released  INC-311",
  ]);
  expect(await shown({ kind: "locked", locks: [lock], at })).toEqual([
    "You hold deployment web for 2h 00m. Runs of others wait there.",
    "Next: halligan unlock web releases it.",
  ]);
  expect(await shown({ kind: "unlocked", locks: [lock], takenFrom: ["ann"], at })).toEqual([
    "Deployment web is unlocked. It was taken from ann: tell them.",
  ]);
});

test("freezes: times in the zone of whoever asks", async () => {
  const freeze = {
    freeze: "weekend",
    deployments: [],
    from: at + 3 * hour,
    until: at + 67 * hour,
    reason: "nobody is there",
    by: null,
    zone: "Europe/Berlin",
  };
  const lines = await shown({
    kind: "freezes",
    freezes: [freeze],
    lifted: [{ freeze: "nights", until: at + hour }],
    shownIn: "Europe/Berlin",
    at,
  });
  expect(lines[1]).toBe("weekend  the cluster  in 3h 00m  2026-11-27 16:00  2026-11-30 08:00  cluster file  nobody is there");
  expect(lines.slice(2)).toEqual(["", "Times in Europe/Berlin.", "nights is left out until 2026-11-27 14:00 Europe/Berlin."]);
  const set = { ...freeze, freeze: "F-1", by: "ann", from: at };
  expect((await shown({ kind: "frozen", freeze: set, shownIn: "UTC", at }))[0]).toBe(
    "Nothing starts in the cluster until 2026-11-30 07:00 UTC (F-1). What runs comes to its end.",
  );
  expect(await shown({ kind: "unfrozen", freeze, shownIn: "UTC", at })).toEqual([
    "weekend is lifted once, until 2026-11-30 07:00 UTC: it would have begun 2026-11-27 15:00 UTC.",
  ]);
});

test("the queue: every run with all reasons why it waits, break-glass loudly", async () => {
  const run = {
    plan: "P-1",
    by: "ann",
    owner: "ann",
    deployments: ["web"],
    requestedAt: at - 5000,
    startedAt: null,
    breakglass: null,
    held: [],
  };
  const waits = [
    { kind: "run", code: "RUN_QUEUED", message: "R-2 waits for R-1.", until: null },
    { kind: "lock", code: "LOCK_HELD", message: "The cluster is locked by bob: x.", until: at + hour },
  ];
  const waiting = [{ ...run, run: "R-2", place: 1, owner: "cyd", breakglass: "INC-1: down", notBefore: null, waits }];
  expect(await shown({ kind: "queue", running: { ...run, run: "R-1", startedAt: at - 60_000 }, waiting, at })).toEqual([
    "R-1 plan P-1 (web) by ann goes on since 1m 00s ago",
    "",
    "1. R-2 plan P-1 (web) by ann, now cyd's BREAK-GLASS: INC-1: down, asked for 5.0s ago",
    "   RUN_QUEUED R-2 waits for R-1.",
    "   LOCK_HELD The cluster is locked by bob: x. Ends in 1h 00m.",
    "",
    "Next: halligan cancel R-2 takes it out.",
  ]);
  expect(await shown({ kind: "queue", running: null, waiting: [], at })).toEqual(["No run goes on.", "Nothing waits."]);
});

test("what was said in a reason cannot give orders to the terminal", async () => {
  const lines = await shown({ kind: "locks", locks: [{ ...lock, reason: "\u001b[2Jgone\u0007" }], at });
  expect(lines.join("\n")).not.toContain("\u001b");
});

test.each([
  [{ type: "lock.taken", v: 1, lock: "L-1", holder: "ann", reason: "x", token: 1 }, "ann locks the cluster: x"],
  [
    { type: "lock.released", v: 1, lock: "L-1", deployment: "web", token: 1, by: "bob", forced: { from: "ann", reason: "y" } },
    "bob takes the lock of deployment web from ann: y",
  ],
  [{ type: "freeze.lifted", v: 1, freeze: "weekend", by: "ann", until: at }, "ann lifts the freeze weekend until 2026-11-27 12:00 UTC"],
  [{ type: "breakglass.passed", v: 1, run: "R-1", phase: "start", passed: ["A: b", "C: d"] }, "R-1 passes by break-glass: A: b; C: d"],
  [{ type: "run.handed", v: 1, run: "R-1", from: "ann", to: "bob", note: "n" }, "ann hands R-1 over to bob: n"],
  [
    { type: "intent.run", v: 1, run: "R-1", plan: "P-1", digest: "sha256:1", by: "ann", breakglass: { reason: "down" }, notBefore: at },
    "R-1 asked for by ann: plan P-1, BREAK-GLASS: down, not before 2026-11-27 12:00 UTC",
  ],
] as readonly (readonly [JournalEvent, string])[])("%j", (event, words) => {
  expect(eventWords(event)).toBe(words);
});
