import { describe, expect, test } from "vitest";
import { renderProblems } from "../../src/cli/problems.ts";
import { createScreen } from "../../src/cli/screen.ts";
import { problem } from "../../src/core/errors.ts";

const environment = { LANG: "C.UTF-8" };
const plain = createScreen({ isTerminal: true, columns: 60, plain: true, environment });

describe("problems in words", () => {
  test("code, message, place with the line and a caret, cause, next action, link", () => {
    const one = problem("KEY_UNKNOWN", {
      message: "`polace` is not known.",
      at: { file: "c.yaml", line: 12, column: 5, text: "    polace: x" },
      cause: "A typo.",
    });
    expect(renderProblems([one], plain)).toEqual([
      "KEY_UNKNOWN `polace` is not known.",
      "  at c.yaml:12:5",
      "  12 |     polace: x",
      "     |     ^",
      "  cause  A typo.",
      "  next   Use the suggested key, or remove it.",
      "  see    docs/errors.md#key_unknown",
    ]);
  });

  test("the caret stands below the place behind tabs, wide and invisible characters", () => {
    const caret = (text: string, column: number): string =>
      renderProblems([problem("YAML_INVALID", { message: "x", at: { file: "f", line: 1, column, text } })], plain)[3] ?? "";
    const base = caret("abc", 1).indexOf("^");
    expect(caret("ab\tc", 4).indexOf("^") - base).toBe(4);
    expect(caret("日本: x", 3).indexOf("^") - base).toBe(4);
    expect(caret("\u001b: x", 2).indexOf("^") - base).toBe("\\x1b".length);
  });

  test("a long line is cut around the place", () => {
    const text = `${"a".repeat(300)}HERE${"b".repeat(300)}`;
    const lines = renderProblems([problem("YAML_INVALID", { message: "x", at: { file: "f", line: 7, column: 301, text } })], plain);
    expect(Math.max(...lines.slice(2, 4).map((line) => line.length))).toBeLessThanOrEqual(60);
    const at = lines[3]?.indexOf("^") ?? 0;
    expect(lines[2]?.slice(at, at + 4)).toBe("HERE");
  });

  test("those of files come first, by line, and the number is told", () => {
    const at = (line: number): { file: string; line: number; column: number } => ({ file: "f", line, column: 1 });
    const lines = renderProblems(
      [
        problem("STEP_FAILED", { message: "third", at: { node: "n", role: "r", step: "s" } }),
        problem("KEY_MISSING", { message: "second", at: at(9) }),
        problem("KEY_MISSING", { message: "first", at: at(2) }),
      ],
      plain,
    );
    const order = lines.filter((line) => /first|second|third/.test(line));
    expect(order).toEqual(["KEY_MISSING first", "KEY_MISSING second", "STEP_FAILED n/r s: third"]);
    expect(lines.at(-1)).toBe("3 problems");
  });

  test("what stops nothing is counted apart, as notices", () => {
    const last = (...found: readonly ("KEY_MISSING" | "SETTING_CARRIED")[]): string | undefined =>
      renderProblems(
        found.map((code) => problem(code, { message: code })),
        plain,
      ).at(-1);
    expect(last("SETTING_CARRIED", "SETTING_CARRIED")).toBe("2 notices");
    expect(last("SETTING_CARRIED", "KEY_MISSING", "SETTING_CARRIED")).toBe("1 problem, 2 notices");
  });

  test("hundreds are cut, and the rest is counted", () => {
    const lines = renderProblems(
      Array.from({ length: 200 }, (_, line) => problem("KEY_MISSING", { message: `m${line}` })),
      plain,
    );
    expect(lines).toContain("... and 150 more; --json shows all.");
    expect(lines.at(-1)).toBe("200 problems");
  });
});

describe("colour", () => {
  const colours = (options: { isTerminal: boolean; plain?: boolean; environment?: Readonly<Record<string, string>> }): boolean =>
    createScreen({ columns: 80, plain: false, environment: {}, ...options }).red("x") !== "x";

  test("on a terminal only, unless it is asked for or refused", () => {
    expect(colours({ isTerminal: true })).toBe(true);
    expect(colours({ isTerminal: false })).toBe(false);
    expect(colours({ isTerminal: false, environment: { FORCE_COLOR: "1" } })).toBe(true);
    expect(colours({ isTerminal: true, environment: { FORCE_COLOR: "0" } })).toBe(false);
    expect(colours({ isTerminal: true, environment: { NO_COLOR: "1" } })).toBe(false);
    expect(colours({ isTerminal: true, environment: { NO_COLOR: "" } })).toBe(true);
    expect(colours({ isTerminal: true, environment: { TERM: "dumb" } })).toBe(false);
    expect(colours({ isTerminal: true, plain: true })).toBe(false);
  });
});
