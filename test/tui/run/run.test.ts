import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalEvent } from "../../../src/core/journal/events.ts";
import { textWidth } from "../../../src/core/words/text-width.ts";
import type { Loaded } from "../../../src/tui/data/loaded.ts";
import { type RunJournal, lastView } from "../../../src/tui/data/run-view.ts";
import { currentPage } from "../../../src/tui/state/state.ts";
import { plannedNodeRole } from "../../core/run/plans.ts";
import { Rig, type RigOptions, now } from "../rig.ts";
import { endedEntry, freshJournal, olderEntry, openEntry, printed, runJournal } from "./sample-run.ts";

const ready = (value: unknown): Loaded<unknown> => ({ phase: "ready", value, at: now });
const note = { note: "N-1", node: "web3", role: "nginx", text: "apt-daily holds the lock: wait a minute", by: "bo", at: now - 86_400_000 };
const log = ready({ lines: printed, skipped: 0 });
const output = { "log:panel:R-4/web3/nginx": log, "log:page:R-4/web3/nginx": log, "log:panel:R-4/web2/nginx:live": log };
const engine = { "engine:hack-lab": ready({ host: "deck", pid: 4711, started: false }) };

function shelfOf(journal: RunJournal): NonNullable<RigOptions["shelf"]> {
  return { "run:R-4": ready(lastView(journal)), "journal:R-4": ready(journal), notes: ready([note]), ...output };
}

/** A rig in which a run goes on. */
function live(options: RigOptions = {}, more: readonly JournalEvent[] = []): Rig {
  const shelf = { ...shelfOf(runJournal(false, more)), ...engine, ...options.shelf };
  return new Rig({ runs: [olderEntry, openEntry], screen: "run", ...options, shelf });
}

/** A rig in which it has failed. */
function ended(options: RigOptions = {}): Rig {
  return new Rig({ runs: [olderEntry, endedEntry], screen: "run", ...options, shelf: shelfOf(runJournal(true)) });
}

const situations: Readonly<Record<string, (options: RigOptions) => Rig>> = {
  live: (options) => live(options),
  failed: (options) => ended(options),
  folded: (options) => ended(options).press("v"),
  runs: (options) => ended({ ...options, screen: "runs" }),
  log: (options) => ended(options).press("enter"),
  replay: (options) => ended(options).press("r", "n"),
  gone: (options) => live({ ...options, shelf: { "engine:hack-lab": ready(undefined) } }),
};

const sizes = [
  [60, 12],
  [80, 24],
  [120, 35],
  [200, 50],
] as const;

describe.each(sizes)("%dx%d", (columns, rows) => {
  test.each(Object.keys(situations))("%s fills the screen, and looks as it did", async (name) => {
    const rig = situations[name]?.({ size: [columns, rows] });
    expect(rig?.rows().map((row) => textWidth(row))).toEqual(Array.from({ length: rows }, () => columns));
    await expect(`${rig?.text()}\n`).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`);
  });
});

test("without Unicode every sign is ASCII, and states are told apart without colour", async () => {
  const ascii = (go: (options: RigOptions) => Rig): string => go({ size: [120, 35], unicode: false, theme: "mono" }).text();
  for (const go of Object.values(situations)) expect(ascii(go)).toMatch(/^[\n\x20-\x7e]*$/u);
  await expect(`${ascii(ended)}\n`).toMatchFileSnapshot("frames/failed-ascii-120x35.txt");
});

describe("what went wrong", () => {
  test("comes first to whoever opens the page: error, cause, next action, note from last time, last words", () => {
    const text = ended({ size: [200, 50] }).text();
    expect(text).toMatch(/^› {2}web3 .*\[✖\]/mu);
    expect(text).toContain("STEP_FAILED: package nginx: it ended with exit code 100");
    expect(text).toContain("because E: Could not get lock");
    expect(text).toContain("`halligan logs R-4 web3/nginx`");
    expect(text).toContain("N-1 about nginx, bo, 1d 00h ago: apt-daily holds the lock");
    expect(text).toContain("output, its end");
  });

  test("n goes to the next, and says so when there is none", () => {
    const rig = live().press("g", "n");
    expect(currentPage(rig.state.ui).list.cursor).toBe("web3");
    expect(rig.text()).toContain("1 of 1 that went wrong");
    const fine = new Rig({ runs: [openEntry], screen: "run", shelf: shelfOf(freshJournal([plannedNodeRole("a", "web")], [])) });
    expect(fine.press("n").text()).toContain("Nothing has failed.");
  });

  test("enter opens its whole output, m a form for a note about it, p plans what is left", () => {
    expect(currentPage(ended().press("enter").state.ui)).toMatchObject({ screen: "log", param: "R-4 web3/nginx" });
    expect(ended().press("m").state.ui.overlay).toMatchObject({ kind: "form", command: "note" });
    expect(ended().press("p").effects.at(-1)).toMatchObject({ do: "run", argv: ["plan", "all"], opens: { screen: "plan" } });
    expect(ended().press("o").effects.at(-1)).toMatchObject({ what: { kind: "paged", argv: ["logs", "R-4", "web3/nginx"] } });
  });
});

describe("a run that goes on", () => {
  test("columns are turned through, and what waits says for what", () => {
    const rig = live({ size: [120, 35] }).press("g");
    expect(rig.text()).toContain("lb1/haproxy  · waiting");
    expect(rig.text()).toContain("waits for web4/nginx");
    expect(rig.press("l").text()).toContain("lb1/base  = unchanged");
    expect(rig.press(",").text()).toContain("lb1/haproxy");
  });

  test("its output is followed until somebody says otherwise", () => {
    const rig = live({ size: [120, 35] });
    while (currentPage(rig.state.ui).list.cursor !== "web2") rig.press("j", ...(currentPage(rig.state.ui).list.index === 4 ? ["g"] : []));
    expect(rig.text()).toContain("following");
    expect(rig.text()).toContain("Could not get lock");
    expect(rig.press("f").text()).not.toContain("following");
  });

  test.each([
    ["P", "asks", ["pause", "R-4", "--yes"]],
    ["X", "asks", ["cancel", "R-4", "--yes"]],
    ["T", "asks", ["cancel", "R-4", "--now", "--yes"]],
    ["B", "types", ["cancel", "R-4", "--abandon", "--yes"]],
  ] as const)("%s %s first", (key, level, argv) => {
    const rig = live().press(key);
    expect(rig.state.ui.overlay).toMatchObject({ kind: "confirm", asked: { level } });
    expect(rig.effects).toEqual([]);
    rig.press(...(level === "asks" ? ["y"] : ["h", "a", "c", "k", "-", "l", "a", "b", "enter"]));
    expect(rig.effects).toEqual([{ do: "run", argv, show: "quiet" }]);
  });

  test("P lets a paused run go on; nothing is asked of a run that is over", () => {
    const paused = live({}, [{ type: "intent.pause", v: 1, run: "R-4", by: "ann" }]);
    expect(paused.text()).toContain("paused: what runs comes to its end");
    expect(paused.press("P", "y").effects).toEqual([{ do: "run", argv: ["resume", "R-4", "--yes"], show: "quiet" }]);
    for (const key of ["P", "X", "T", "B", "E"]) expect(ended().press(key).text()).toContain("This run has ended");
  });

  test("held: by what, and until when", () => {
    const held: JournalEvent = {
      type: "run.held",
      v: 1,
      run: "R-4",
      problems: [{ code: "LOCK_HELD", message: "bo locked web: INC-311.", hint: "Ask bo.", docs: "x" }],
      until: now + 120_000,
    };
    expect(live({ size: [120, 35] }, [held]).text()).toMatch(/held for 1s by LOCK_HELD: bo locked web: INC-311\., until .* \(in 2m 00s\)/u);
  });

  test("other runs that wait are told, and ] goes there", () => {
    const next = { ...openEntry, run: "R-5", by: "bo", at: now - 1_000 } as const;
    const rig = live({ runs: [openEntry, next] });
    expect(rig.text()).toContain("behind it waits R-5 (bo)");
    expect(currentPage(rig.press("]").state.ui)).toMatchObject({ screen: "run", param: "R-5" });
  });

  test("without an engine it says so, and E starts one", () => {
    const rig = live({ shelf: { "engine:hack-lab": ready(undefined) } });
    expect(rig.text()).toContain("No engine carries it out. E starts one on here.");
    expect(rig.press("E", "y").effects).toEqual([{ do: "run", argv: ["resume", "R-4", "--yes"], show: "quiet" }]);
    expect(live().press("E").text()).toContain("An engine carries it out already.");
  });
});

test("a run that ended before it began says why", () => {
  const stale = { code: "PLAN_STALE", message: "P-7 is old: R-3 has worked on web1 since.", hint: "Plan again.", docs: "x" };
  const nodeRoles = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 0, blocked: 1, unknown: 0 };
  const asked = freshJournal([plannedNodeRole("web1", "nginx")], []).events[0];
  const over: JournalEvent = { type: "run.ended", v: 1, run: "R-4", phase: "failed", nodeRoles, durationMs: 0, problems: [stale] };
  const journal = { ...runJournal(false), plan: freshJournal([plannedNodeRole("web1", "nginx")], []).plan };
  const events: RunJournal["events"] = [asked, { ...over, seq: 2, at: now - 1_000, stream: "run:R-4", version: 2 }];
  const rig = new Rig({ runs: [endedEntry], screen: "run", shelf: shelfOf({ ...journal, events }) });
  expect(rig.text()).toContain("PLAN_STALE: P-7 is old: R-3 has worked on web1 since.");
  expect(rig.text()).toContain("do: Plan again.");
  expect(rig.text()).toContain("never started");
  expect(rig.text()).toContain("The run ended before its turn came.");
});

describe("many nodes", () => {
  const names = Array.from({ length: 60 }, (_, index) => `cmp${index + 1}`);
  const moved = (node: string, state: "error" | "active" | "transition"): JournalEvent => ({
    type: "noderole.moved",
    v: 1,
    id: `${node}/nova`,
    state,
    attempt: 1,
  });
  const journal = freshJournal(
    names.map((node) => plannedNodeRole(node, "nova")),
    [
      ...names.slice(0, 20).map((node) => moved(node, "active")),
      ...names.slice(20, 28).map((node) => moved(node, "error")),
      moved("cmp30", "transition"),
    ],
  );
  const many = (): Rig => new Rig({ runs: [openEntry], screen: "run", nodes: names, shelf: { ...shelfOf(journal), ...engine } });

  test("are folded by role, what failed stays in sight, enter unfolds", () => {
    const rig = many();
    expect(rig.text()).toMatch(/nova .* 20\/60 {3}✖ 8 failed {3}▶ 1 running/u);
    expect(rig.text()).toContain("cmp25");
    expect(rig.text()).not.toContain("cmp26 ");
    expect(rig.text()).toContain("3 more; enter on nova shows all");
    expect(rig.press("g", "enter").text()).toContain("cmp28 ");
    expect(rig.press("enter").text()).not.toContain("cmp28 ");
    expect(rig.press("v").text()).toMatch(/cmp1 /u);
  });

  test("n goes to a failure that is folded", () => {
    const rig = many().press("g");
    rig.press("N");
    expect(currentPage(rig.state.ui).list.cursor).toBe("cmp28/nova");
    expect(rig.text()).toContain("8 of 8 that went wrong");
  });
});

describe("the log", () => {
  test("begins at its end; / finds, enter shows the line among its neighbours, n goes on", () => {
    const rig = ended({ size: [120, 20] }).press("enter");
    expect(currentPage(rig.state.ui).list).toMatchObject({ follow: true, cursor: `${printed.length - 1}` });
    rig.press("/").type("get:1").press("enter");
    expect(rig.text()).toContain("6 of 17");
    rig.press("g", "enter");
    expect(currentPage(rig.state.ui).list).toMatchObject({ filter: "", cursor: "1" });
    rig.press("n");
    expect(currentPage(rig.state.ui).list.cursor).toBe("10");
    expect(rig.text()).toContain("2 of 6 with get:1");
    expect(rig.press("f").text()).toContain("following");
    expect(rig.press("Y").effects.at(-1)).toEqual({ do: "copy", text: printed.join("\n"), what: "the output" });
  });

  test("of a node-role that printed nothing has its steps instead", () => {
    const shelf = { "log:page:R-4/web1/nginx": ready({ lines: [], skipped: 0 }) };
    const rig = live({ shelf });
    rig.send({ type: "intents", intents: [{ want: "open", screen: "log", param: "R-4 web1/nginx" }] });
    expect(rig.text()).toContain("It printed nothing.");
    expect(rig.text()).toContain("± package nginx  7.0s");
  });
});

test("random keys: nothing is asked of a run without an answer, every frame is whole", () => {
  const keys = [
    "j",
    "k",
    "g",
    "G",
    "l",
    ",",
    "n",
    "N",
    "enter",
    "esc",
    "h",
    "v",
    "f",
    "w",
    "r",
    "space",
    "+",
    "-",
    "]",
    "[",
    "}",
    "{",
    "0",
    "$",
  ];
  const asking = ["P", "X", "T", "B", "E", "y", "m", "i", "3", "4", "/", "a", "Y", "<", ">", "J", "K", "p"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys, ...asking), { minLength: 20, maxLength: 150 }), fc.boolean(), (pressed, small) => {
      const rig = live({ size: small ? [60, 12] : [120, 35] });
      for (const key of pressed) {
        const { overlay } = rig.state.ui;
        const before = rig.effects.length;
        rig.press(key);
        const changing = rig.effects
          .slice(before)
          .filter((effect) => effect.do === "run" && !["plan", "facts", "logs", "why", "discover"].includes(effect.argv[0] ?? ""));
        if (changing.length === 0) continue;
        const answer = overlay?.kind === "confirm" ? [overlay.asked.level, key] : undefined;
        expect(answer).toEqual(["asks", "y"]);
      }
      expect(rig.rows()).toHaveLength(small ? 12 : 35);
    }),
    { numRuns: 60 },
  );
});
