import { expect, test } from "vitest";
import { paint } from "../../src/tui/text/look.ts";

test("the chosen row is in reverse video, and coloured where a word is, not where spaces are", () => {
  const row = {
    segs: [
      ["  ", "accent"],
      [" ok ", "ok"],
      ["\u2026", "dim"],
    ],
    look: "selected",
  } as const;
  expect(paint(row, { theme: "dark" })).toBe("\u001b[7m   \u001b[0m\u001b[32;7mok\u001b[0m\u001b[7m \u2026\u001b[0m");
});
