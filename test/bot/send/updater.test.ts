import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LiveUpdater, startUpdater, type UpdaterPorts } from "../../../src/bot/send/updater.ts";
import type { SlackFault } from "../../../src/bot/send/slack-fault.ts";
import type { Message } from "../../../src/bot/text/message.ts";
import { esc } from "../../../src/bot/text/slack-text.ts";
import { type ManualClock, manualClock } from "../../support/manual-clock.ts";

/** Slack, as far as chat.update goes: 50 calls in any minute, the fifty-first is refused. */
interface Played {
  readonly sent: { readonly ts: string; readonly text: string; readonly at: number }[];
  refusals: number;
  /** Faults that the next calls meet. */
  readonly faults: SlackFault[];
  readonly moved: string[];
}

let clock: ManualClock;
let slack: Played;
let stop: AbortController;
let live: LiveUpdater;

beforeEach(() => {
  clock = manualClock();
  slack = { sent: [], refusals: 0, faults: [], moved: [] };
  stop = new AbortController();
  const calls: number[] = [];
  const ports: UpdaterPorts = {
    clock,
    log: () => undefined,
    change: async ({ ts }, message) => {
      const now = clock.now();
      const fault = slack.faults.shift();
      if (fault !== undefined) return { done: false, fault };
      const recent = calls.filter((at) => at > now - 60_000).length;
      calls.push(now);
      if (recent >= 50) {
        slack.refusals += 1;
        return { done: false, fault: { kind: "limited", retryAfterMs: 10_000 } };
      }
      slack.sent.push({ ts, text: message.text, at: now });
      return { done: true };
    },
    replace: async (slot, { channel }) => {
      slack.moved.push(slot);
      return { channel, ts: "2.new" };
    },
  };
  live = startUpdater(ports, stop.signal);
});

afterEach(async () => {
  stop.abort();
  await live.ended;
});

function says(text: string): Message {
  return { text: esc(text), blocks: [] };
}

function at(ts: string): { readonly channel: string; readonly ts: string } {
  return { channel: "C1", ts };
}

describe("the updater", () => {
  test("three runs with 20 events a second: nothing is refused, and every end is shown within 5 s", async () => {
    for (let tick = 0; tick < 1200; tick += 1) {
      for (const run of ["a", "b", "c"]) live.show(run, { at: at(run), render: () => says(`${run} ${tick}`) });
      await clock.pass(50);
    }
    const ended = clock.now();
    for (const run of ["a", "b", "c"]) live.show(run, { at: at(run), render: () => says(`${run} done`), final: true });
    await clock.pass(5_000);
    expect(slack.refusals).toBe(0);
    for (const run of ["a", "b", "c"]) {
      const last = slack.sent.findLast(({ ts }) => ts === run);
      expect(last?.text).toBe(`${run} done`);
      expect((last?.at ?? 0) - ended).toBeLessThanOrEqual(5_000);
    }
    expect(slack.sent.length).toBeLessThan(60);
    // The latest state wins: what was shown in between is never older than what was shown before.
    const shown = slack.sent.filter(({ ts, text }) => ts === "a" && /\d$/u.test(text)).map(({ text }) => Number(text.split(" ")[1]));
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown.length).toBeGreaterThan(5);
  });

  test("a change of state goes first, with what is held back for it", async () => {
    for (let n = 0; n < 8; n += 1) live.show(`p${n}`, { at: at(`p${n}`), render: () => says("going on") });
    await clock.pass(100);
    const before = slack.sent.length;
    live.show("vote", { at: at("vote"), render: () => says("approved"), urgent: true });
    await clock.pass(100);
    expect(before).toBe(3);
    expect(slack.sent.at(-1)?.ts).toBe("vote");
  });

  test("what is the same is not sent again", async () => {
    for (let n = 0; n < 10; n += 1) {
      live.show("a", { at: at("a"), render: () => says("same") });
      await clock.pass(5_000);
    }
    expect(slack.sent).toHaveLength(1);
  });

  test("after a refusal nothing is sent before the time that Slack names, and nothing is lost", async () => {
    slack.faults.push({ kind: "limited", retryAfterMs: 30_000 });
    const start = clock.now();
    live.show("a", { at: at("a"), render: () => says("done"), final: true });
    await clock.pass(29_000);
    expect(slack.sent).toEqual([]);
    await clock.pass(3_000);
    expect(slack.sent).toMatchObject([{ ts: "a", text: "done" }]);
    expect((slack.sent[0]?.at ?? 0) - start).toBeGreaterThanOrEqual(30_000);
  });

  test("an end is tried until it is shown, however long Slack is away", async () => {
    slack.faults.push(...Array.from({ length: 40 }, (): SlackFault => ({ kind: "unknown", reason: "down" })));
    live.show("a", { at: at("a"), render: () => says("done"), final: true });
    await clock.pass(30 * 60_000);
    expect(slack.sent).toMatchObject([{ text: "done" }]);
    await live.idle();
  });

  test("a message that is gone is posted anew, and goes on there", async () => {
    slack.faults.push({ kind: "gone", code: "message_not_found" });
    const told: string[] = [];
    const moved = async ({ ts }: { readonly ts: string }): Promise<void> => void told.push(ts);
    live.show("a", { at: at("a"), render: () => says("one"), moved });
    await clock.pass(2_000);
    expect(slack.moved).toEqual(["a"]);
    expect(told).toEqual(["2.new"]);
  });

  test("one that stands still says now and then that it goes on, if it is one that goes on", async () => {
    live.show("run", { at: at("run"), render: (beat) => says(beat === undefined ? "running" : "still running"), beats: true });
    live.show("plan", { at: at("plan"), render: (beat) => says(beat === undefined ? "waiting" : "still waiting") });
    await clock.pass(130_000);
    expect(slack.sent.filter(({ ts }) => ts === "run").map(({ text }) => text)).toEqual(["running", "still running", "still running"]);
    expect(slack.sent.filter(({ ts }) => ts === "plan")).toHaveLength(1);
  });

  test("a message that cannot be made does not stop the others", async () => {
    live.show("bad", {
      at: at("bad"),
      render: () => {
        throw new TypeError("a bug");
      },
      urgent: true,
    });
    live.show("good", { at: at("good"), render: () => says("fine") });
    await clock.pass(2_000);
    expect(slack.sent.map(({ ts }) => ts)).toEqual(["good"]);
  });
});
