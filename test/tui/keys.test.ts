import { describe, expect, test } from "vitest";
import { keyNames, type PressedKey } from "../../src/tui/keys/key-names.ts";
import { conflicts } from "../../src/tui/keys/keymap.ts";
import { overrideKeys } from "../../src/tui/keys/overrides.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { standardKeymap } from "../../src/tui/screens/table.ts";

const none: PressedKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};

test.each([
  ["jjj", {}, ["j", "j", "j"]],
  ["", { return: true }, ["enter"]],
  ["", { tab: true, shift: true }, ["shift+tab"]],
  ["p", { ctrl: true }, ["ctrl+p"]],
  ["x", { meta: true }, ["alt+x"]],
  ["", {}, []],
  ["ab\r", {}, ["a", "b", "enter"]],
  [" ", {}, ["space"]],
  ["A", { shift: true }, ["A"]],
] as const)("%j %j", (input, flags, names) => {
  expect(keyNames(input, { ...none, ...flags })).toEqual(names);
});

describe("the keymap", () => {
  const rows = standardKeymap(screens);

  test("has no key with two meanings at once", () => {
    expect(conflicts(rows)).toEqual([]);
  });

  test("every action of a screen is there to be carried out, and has a key", () => {
    for (const screen of screens.all) {
      const own = new Set(screen.keys.map(({ action }) => action).filter((action) => !["mark", "mark-all", "unmark"].includes(action)));
      expect([...own].toSorted(), screen.id).toEqual(Object.keys(screen.actions).toSorted());
      for (const { scope } of screen.keys) expect(scope).toBe(screen.id);
    }
  });

  test("binds no key that terminals keep for themselves", () => {
    const kept = new Set(["ctrl+s", "ctrl+q", "ctrl+w", "ctrl+j", "ctrl+m", "ctrl+i"]);
    expect(rows.flatMap(({ keys }) => keys).filter((key) => kept.has(key))).toEqual([]);
  });

  test("what destroys or applies is a capital letter, and says that it asks", () => {
    const asking = rows.filter(({ level }) => level !== "safe");
    expect(asking.map(({ keys }) => keys.join(""))).toEqual(asking.map(() => expect.stringMatching(/^[A-Z]+$/u)));
  });

  test("takes a person's own keys, and refuses what would not work", () => {
    const own = overrideKeys(rows, { "nodes.sort": "S" });
    expect(own.problems).toEqual([]);
    expect(own.rows.find(({ scope, action }) => scope === "nodes" && action === "sort")?.keys).toEqual(["S"]);
    const bad = overrideKeys(rows, { "nodes.sort": "q", "nodes.dance": "x" });
    expect(bad.problems.map(({ message }) => message)).toEqual([
      "The keymap names nodes.dance, and there is no such action.",
      "The key q would mean global.quit and nodes.sort at once.",
    ]);
    expect(bad.rows).toBe(rows);
  });
});
