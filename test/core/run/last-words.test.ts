import { describe, expect, test } from "vitest";
import type { Frame } from "../../../src/core/jigs/resolved.ts";
import { lastWords } from "../../../src/core/run/last-words.ts";
import { createRedactor } from "../../../src/core/run/redactor.ts";

const printed = (text: string, index = 0): Frame => ({ type: "out", index, content: Buffer.from(text) });
const words = (...frames: readonly Frame[]): string | undefined => lastWords(frames, 0, createRedactor([]));

describe("what a step printed last", () => {
  test("is its last lines, whole, and nothing of other steps", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index}`);
    expect(words(printed(`${lines.slice(0, 6).join("\n")}\n`), printed("another step", 1), printed(lines.slice(6).join("\r\n")))).toBe(
      lines.slice(-8).join("\n"),
    );
    expect(words(printed("another step", 1))).toBeUndefined();
  });

  test("leaves out whole lines, never half of one, when there is more than fits", () => {
    const lines = Array.from({ length: 8 }, (_, index) => `${index}${"x".repeat(180)}`);
    expect(words(printed(lines.join("\n")))).toBe(lines.slice(-4).join("\n"));
  });

  test("a very long line keeps its beginning and its end", () => {
    const said = words(printed(`nova-compute: ERROR ${"x".repeat(2_000)} connection refused`));
    expect(said).toMatch(/^nova-compute: ERROR x+ … x+ connection refused$/u);
    expect(said?.length).toBeLessThanOrEqual(300);
  });
});
