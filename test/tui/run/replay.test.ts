import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RunJournal, firstView, lastView, nextView } from "../../../src/tui/data/run-view.ts";
import { replayScreen } from "../../../src/tui/screens/run/replay.ts";
import { currentPage } from "../../../src/tui/state/state.ts";
import { Rig, now } from "../rig.ts";
import { endedEntry, runJournal } from "./sample-run.ts";

const journal = runJournal(true);

/** A replay that has just been opened, 31 s of run time long. */
function replay(): Rig {
  const shelf = { "journal:R-4": { phase: "ready", value: journal, at: now }, notes: { phase: "ready", value: [], at: now } } as const;
  const rig = new Rig({ runs: [endedEntry], screen: "runs", shelf, size: [120, 35] });
  return rig.press("r");
}

/** Lets time pass on the wall. */
function pass(rig: Rig, ms: number): Rig {
  rig.send({ type: "world", world: { ...rig.state.world, now: rig.state.world.now + ms } });
  return rig;
}

/** Where its clock stands, from the screen. */
function clock(rig: Rig): string {
  return /again .*?(\d+s) of/u.exec(rig.text())?.[1] ?? rig.text();
}

function moves(rig: Rig): boolean {
  return replayScreen.moves?.(rig.state.world, currentPage(rig.state.ui)) === true;
}

describe("a replay", () => {
  test("plays by a clock of its own, as fast as one likes, and ends at the end", () => {
    const rig = replay();
    expect(rig.text()).toContain("R-4 waiting for an engine");
    expect(moves(rig)).toBe(true);
    expect(clock(pass(rig, 1_000))).toBe("2s");
    expect(rig.text()).toContain("▶ 3 running");
    rig.press("+");
    const before = Number.parseInt(clock(rig), 10);
    expect(Number.parseInt(clock(pass(rig, 1_000)), 10) - before).toBe(5);
    pass(rig, 60_000);
    expect(rig.text()).toContain("the end");
    expect(rig.text()).toContain("R-4 failed");
    expect(moves(rig)).toBe(false);
    expect(clock(rig.press("space"))).toBe("0s");
    expect(moves(rig)).toBe(true);
  });

  test("stops and goes on", () => {
    const rig = pass(replay(), 4_000).press("space");
    const at = clock(rig);
    expect(clock(pass(rig, 20_000))).toBe(at);
    expect(moves(rig)).toBe(false);
    expect(clock(pass(rig.press("space"), 1_000))).not.toBe(at);
  });

  test("goes to the moment of an event, of a failure, to start and end", () => {
    const rig = replay().press("space", "0", "]");
    expect(rig.text()).toContain("R-4 started: plan P-7");
    rig.press("]", "]", "[");
    expect(clock(rig)).toBe("2s");
    rig.press("n");
    expect(clock(rig)).toBe("12s");
    expect(rig.text()).toMatch(/^› {2}web3 .*\[✖\]/mu);
    expect(rig.text()).toContain("STEP_FAILED");
    expect(rig.press("n").text()).toContain("Nothing fails from here on");
    expect(clock(rig.press("$"))).toBe("31s");
    expect(clock(rig.press("{"))).toBe("27s");
    expect(clock(rig.press("0"))).toBe("0s");
  });

  test("shows at its end what the live page shows", () => {
    const live = new Rig({
      runs: [endedEntry],
      screen: "run",
      size: [120, 35],
      shelf: { "run:R-4": { phase: "ready", value: lastView(journal), at: now }, notes: { phase: "ready", value: [], at: now } },
    });
    const table = (rig: Rig): readonly string[] =>
      rig
        .rows()
        .filter((row) => /^.{3}(?:web|lb)\d/u.test(row))
        .map((row) => row.slice(3, 55).replaceAll(/[[\]]/gu, " "));
    expect(table(replay().press("$"))).toEqual(table(live));
  });
});

test("wherever one goes in time, the run is what its events up to then make of it", () => {
  const states = ({ state }: ReturnType<typeof firstView>): unknown => [
    state.phase,
    [...state.nodeRoles.values()].map((each) => each.state),
  ];
  const rig = replay().press("space");
  const shown = (): string => rig.text();
  fc.assert(
    fc.property(fc.array(fc.constantFrom("]", "[", "{", "}", "0", "$", "n"), { minLength: 1, maxLength: 30 }), (keys) => {
      rig.press(...keys);
      const happened = Number(/event (\d+) of/u.exec(shown())?.[1]);
      let view = firstView(journal);
      for (const event of journal.events.slice(1, happened)) view = nextView(view, event);
      const failed = [...view.state.nodeRoles.values()].filter(({ state }) => state === "error").length;
      expect(shown().includes("✖ 1 failed")).toBe(failed === 1);
      expect(states(view)).toEqual(states(foldedAgain(journal, happened)));
    }),
    { numRuns: 40 },
  );
});

function foldedAgain(of: RunJournal, happened: number): ReturnType<typeof firstView> {
  return of.events.slice(1, happened).reduce(nextView, firstView(of));
}
