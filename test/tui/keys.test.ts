import { describe, expect, test } from "vitest";
import { keyNames, type PressedKey } from "../../src/tui/keys/key-names.ts";
import { conflicts } from "../../src/tui/keys/keymap.ts";
import { readKeys } from "../../src/cli/tui/own-keys.ts";
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
    const own = overrideKeys(rows, readKeys("/k/keys.yaml", "nodes.sort: S\nlist.down: [j, down]\n"));
    expect(own.problems).toEqual([]);
    expect(own.rows.find(({ scope, action }) => scope === "nodes" && action === "sort")?.keys).toEqual(["S"]);
    const bad = overrideKeys(
      rows,
      readKeys("/k/keys.yaml", "nodes.sort: q\nnodes.sorts: x\nglobal.theme: ctrl+s\nglobal.jobs: F5\nglobal.help: []\nlist.up: {}\n"),
    );
    expect(bad.problems.map(({ message, at }) => [message, at])).toEqual([
      ["list.up takes a key or a list of keys, such as `S` or `[j, down]`.", { file: "/k/keys.yaml", line: 6, column: 1 }],
      ["There is no action nodes.sorts.", { file: "/k/keys.yaml", line: 2, column: 1 }],
      ["ctrl+s does not reach global.theme: terminals keep it, or send it for another key.", { file: "/k/keys.yaml", line: 3, column: 1 }],
      ["There is no key F5.", { file: "/k/keys.yaml", line: 4, column: 1 }],
      ["global.help needs a key: without it nobody finds the way out.", { file: "/k/keys.yaml", line: 5, column: 1 }],
      ["The key q would mean global.quit and nodes.sort at once.", { file: "/k/keys.yaml", line: 1, column: 1 }],
    ]);
    expect(bad.problems[1]?.hint).toContain("nodes.sort");
    expect(bad.rows).toBe(rows);
  });

  test.each([
    ["a: [b", 1],
    ["- a\n- b\n", 1],
    ["a: b\na: c\n", 2],
    ["just words", 1],
  ])("a file that is no keymap is told with its line: %j", (text, line) => {
    const { keys, problems } = readKeys("/k/keys.yaml", text);
    expect(keys).toEqual([]);
    expect(problems[0]).toMatchObject({ code: "KEYMAP_INVALID", at: { file: "/k/keys.yaml", line } });
  });

  test("an empty file changes nothing", () => {
    expect(readKeys("/k/keys.yaml", "# mine\n")).toEqual({ file: "/k/keys.yaml", keys: [], problems: [] });
  });
});
