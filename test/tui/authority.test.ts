import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textWidth } from "../../src/core/words/text-width.ts";
import { problem } from "../../src/core/errors.ts";
import { findCommand } from "../../src/tui/state/command-line.ts";
import { currentPage } from "../../src/tui/state/state.ts";
import { paint } from "../../src/tui/text/look.ts";
import { frame } from "../../src/tui/frame/frame.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { samplePlan } from "../cli/views/sample-plan.ts";
import { ready, shelf, voided } from "./authority-data.ts";
import { Rig, type RigOptions, now } from "./rig.ts";

const sizes = [
  [60, 12],
  [80, 24],
  [120, 35],
  [200, 50],
] as const;

function rigOf(options: RigOptions = {}): Rig {
  return new Rig({ plan: samplePlan, shelf, ...options });
}

function open(rig: Rig, screen: string, param: string): Rig {
  rig.send({ type: "intents", intents: [{ want: "open", screen, param }] });
  return rig;
}

const situations: Readonly<Record<string, (rig: Rig) => Rig>> = {
  approvals: (rig) => rig.press("5"),
  approval: (rig) => rig.press("5", "enter"),
  approve: (rig) => rig.press("5", "A"),
  policy: (rig) => rig.press("8"),
  rule: (rig) => rig.press("8", "enter"),
  events: (rig) => rig.press("9"),
  deployment: (rig) => open(rig, "deployment", "web"),
  here: (rig) => rig.press("H"),
};

describe.each(sizes)("%dx%d", (columns, rows) => {
  test.each(Object.keys(situations))("%s looks as it did, and fills the screen exactly", async (name) => {
    const rig = rigOf({ size: [columns, rows] });
    situations[name]?.(rig);
    const lines = rig.rows();
    expect(lines.map((line) => textWidth(line))).toEqual(Array.from({ length: rows }, () => columns));
    await expect(`${rig.text()}\n`).toMatchFileSnapshot(`frames/authority/${name}-${columns}x${rows}.txt`);
  });
});

test.each(Object.keys(situations))("%s: ASCII alone where Unicode is not wanted, no colour where none is", (name) => {
  const ascii = rigOf({ unicode: false });
  expect(situations[name]?.(ascii).text()).toMatch(/^[\n\x20-\x7e]*$/u);
  const mono = rigOf({ theme: "mono" });
  situations[name]?.(mono);
  const painted = frame(mono.state, screens)
    .map((row) => paint(row, { theme: "mono" }))
    .join("");
  expect(
    [...painted.matchAll(/\u001b\[([\d;]*)m/gu)].flatMap(([, codes = ""]) => codes.split(";")).filter((code) => !/^[0127]?$/u.test(code)),
  ).toEqual([]);
});

describe("votes", () => {
  test("what destroys wants the cluster's name typed, and the vote is for the digest that was shown", () => {
    const rig = rigOf().press("5", "enter", "A");
    rig.send({
      type: "world",
      world: { ...rig.state.world, shelf: new Map(rig.state.world.shelf).set("approval:A-3", ready({ ...voided, digest: "sha256:ff" })) },
    });
    rig.press("y", "enter");
    rig.send({ type: "paste", text: "hack-lab\r" });
    rig.press("enter");
    expect(rig.effects).toEqual([]);
    rig.press("ctrl+u").type("hack-lab").press("enter");
    expect(rig.effects).toEqual([{ do: "run", argv: ["approve", "A-3", "--digest", "00c0ffee00c0ffee"], show: "quiet" }]);
  });

  test("what was typed ahead never approves", () => {
    const rig = rigOf().press("5", "enter");
    rig.together("A", ..."hack-lab".split(""), "enter");
    rig.atOnce(..."hack-lab".split(""), "enter");
    expect(rig.effects).toEqual([]);
  });

  test("a request that is over says why, and takes no vote", () => {
    const rig = rigOf({ shelf: { ...shelf, "approval:A-3": ready(voided) } }).press("5", "enter", "A");
    expect(rig.state.ui.overlay).toBeUndefined();
    expect(rig.text()).toContain("A-3 is over: it was voided: P-8 by ann is another plan.");
    expect(rig.text()).toContain("web1/nginx: file /etc/motd would change something else");
  });

  test("a rejection wants a reason, and says what it would run", () => {
    const rig = rigOf().press("5", "X").type("not today").press("enter", "y");
    expect(rig.effects.at(-1)).toMatchObject({ do: "run", argv: ["reject", "--reason", "not today", "A-3", "--yes"] });
  });

  test("`:approve` of what was not read opens it first", () => {
    const { "approval:A-3": _, ...unread } = shelf;
    const rig = rigOf({ shelf: unread }).press(":").type("approve A-3").press("enter");
    expect(currentPage(rig.state.ui)).toMatchObject({ screen: "approval", param: "A-3" });
    expect(rig.effects.filter((effect) => effect.do === "run")).toEqual([]);
  });

  test("the header tells on every screen that somebody waits", () => {
    expect(rigOf().text()).toContain("approval waits for you");
  });
});

test("random keys: nobody votes, locks, waives or lifts anything without an answer", () => {
  const keys = [..."589HAXWLFUSTt@metpwroyn1jkgGh/:?".split(""), "enter", "esc", "space", "tab", "up", "down", "backspace"];
  const harmless = (argv: readonly string[]): boolean => {
    const command = findCommand(argv)?.command;
    if (argv.includes("--plan-only")) return true; // shown on a page of its own, where `A` asks
    return command?.risk === "read" || command?.id === "plan" || command?.id === "discover";
  };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys), { minLength: 30, maxLength: 200 }), fc.boolean(), (pressed, small) => {
      const rig = rigOf({ size: small ? [60, 12] : [120, 35] });
      for (const key of pressed) {
        const { overlay } = rig.state.ui;
        const before = rig.effects.length;
        rig.press(key);
        const changed = rig.effects.slice(before).filter((effect) => effect.do === "run" && !harmless(effect.argv));
        if (changed.length === 0) continue;
        expect(overlay?.kind).toBe("confirm");
        expect([key, overlay?.kind === "confirm" ? overlay.asked.level : ""]).toEqual(["y", "asks"]);
      }
      expect(rig.rows()).toHaveLength(small ? 12 : 35);
    }),
    { numRuns: 100 },
  );
});

describe("rules, locks and freezes", () => {
  test("a waiver is as narrow as what it is about", () => {
    const rig = rigOf().press("8", "W");
    expect(rig.text()).toContain("halligan policy waive --node web1 web-memory");
  });

  test("one's own lock is released with y; somebody else's wants a reason and force", () => {
    const rig = rigOf().press("8", "/").type("deployment db").press("enter", "U", "y");
    expect(rig.effects.at(-1)).toEqual({ do: "run", argv: ["unlock", "db"], show: "quiet" });
    const other = rigOf().press("8", "/").type("locked by bob,").press("enter", "U");
    expect(other.state.ui.overlay).toMatchObject({ kind: "form", command: "unlock" });
    expect(other.text()).toContain("halligan unlock --force web");
  });
});

describe("events", () => {
  test("one kind, one person, and the page of what it is about", () => {
    const rig = rigOf().press("9");
    expect(rig.text()).toContain("following");
    expect(rig.press("enter").state.ui.stack.at(-1)).toMatchObject({ screen: "approval", param: "A-3" });
    rig.press("h", "k", "@");
    expect(rig.text()).toContain("1 of 4");
    expect(rig.text()).toContain("mallory: apply P-7 refused (NOT_ALLOWED)");
    rig.press("@", "t", "t", "t", "t");
    expect(rig.text()).toContain("plans");
    expect(rig.text()).not.toContain("mallory: apply");
  });
});

test("problems of the files are shown with their places, and the editor opens there", () => {
  const wrong = problem("YAML_INVALID", { message: "no YAML", at: { file: "cluster.yaml", line: 3, column: 1 }, hint: "Correct it." });
  const rig = rigOf({ shelf: { ...shelf, files: { phase: "failed", problems: [wrong], at: now } } });
  rig.press(":").type("problems").press("enter");
  expect(rig.text()).toContain("cluster.yaml:3:1");
  expect(rig.press("enter").effects.at(-1)).toEqual({
    do: "foreground",
    what: { kind: "editor", file: "cluster.yaml", line: 3 },
  });
});

test("settings are edited where their value stands", () => {
  const rig = open(rigOf(), "deployment", "web").press("/").type("from node web2").press("enter", "e");
  expect(rig.effects.at(-1)).toMatchObject({ what: { kind: "editor", file: "/c/cluster.yaml", line: 7 } });
});

describe("a deployment", () => {
  const deployment = (): Rig => open(rigOf(), "deployment", "web");

  test("S proposes another value of the setting that the cursor is on", () => {
    const rig = deployment();
    while (currentPage(rig.state.ui).list.cursor?.startsWith("setting:") !== true) rig.press("j");
    const [, path = ""] = currentPage(rig.state.ui).list.cursor?.split(":") ?? [];
    const { overlay } = rig.press("S").state.ui;
    expect(overlay).toMatchObject({ kind: "form", command: "set" });
    const fields = overlay?.kind === "form" ? overlay.values.map(({ field }) => field.text) : [];
    expect(fields).toEqual(expect.arrayContaining([`${path}=`, "web"]));
  });

  test("D plans to take it away, which is read before it can be applied", () => {
    expect(deployment().press("D").effects.at(-1)).toMatchObject({
      argv: ["reset", "web", "--plan-only"],
      opens: { screen: "plan", param: "" },
    });
  });

  test("B asks before it plans the way back", () => {
    const rig = deployment().press("B");
    expect(rig.effects).toEqual([]);
    expect(rig.press("y").effects).toMatchObject([{ argv: ["rollback", "web", "--yes"], show: "output" }]);
  });
});
