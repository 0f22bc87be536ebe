import { describe, expect, test } from "vitest";
import { createScreen, table } from "../../src/cli/screen.ts";
import { cutToWidth, textWidth } from "../../src/core/words/text-width.ts";

const screen = (columns: number): ReturnType<typeof createScreen> =>
  createScreen({ isTerminal: true, columns, plain: false, environment: { LANG: "C.UTF-8", NO_COLOR: "1" } });

describe("width of text in columns", () => {
  test.each([
    ["abc", 3],
    ["ä", 1],
    ["e\u0301", 1],
    ["日本", 4],
    ["한글", 4],
    ["ｱ", 1],
    ["😀", 2],
    ["👩‍👩‍👧", 2],
    ["❤️", 2],
    ["→…│", 3],
    ["", 0],
  ])("%s", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test("cutting never splits a character or goes over", () => {
    expect(cutToWidth("日本語", 5)).toBe("日本…");
    expect(cutToWidth("日本語", 4)).toBe("日…");
    expect(cutToWidth("abc", 3)).toBe("abc");
  });
});

describe("a table", () => {
  const rows = [
    { name: "web-1", text: "日本語のラベル", size: 7 },
    { name: "a-very-long-name", text: "short\nsecond", size: 12345 },
  ];
  const columns = [
    { title: "NAME", cell: (row: (typeof rows)[number]) => row.name },
    { title: "TEXT", cell: (row: (typeof rows)[number]) => row.text, flexible: true },
    { title: "SIZE", cell: (row: (typeof rows)[number]) => String(row.size), align: "right" as const },
  ];

  test("is aligned by columns, not by characters", () => {
    const lines = table(screen(80), columns, rows);
    expect(new Set(lines.map((line) => textWidth(line))).size).toBe(1);
    expect(lines[2]).toBe("a-very-long-name  short second    12345");
  });

  test("fits a narrow screen by cutting what may be cut", () => {
    const lines = table(screen(34), columns, rows);
    expect(Math.max(...lines.map((line) => textWidth(line)))).toBeLessThanOrEqual(34);
    expect(lines[2]).toContain("a-very-long-name");
  });
});
