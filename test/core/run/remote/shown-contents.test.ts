import { describe, expect, test } from "vitest";
import type { Frame } from "../../../../src/core/jigs/resolved.ts";
import { shownContents } from "../../../../src/core/run/remote/shown-contents.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Old and new content of step 3, as these frames show them. */
function shown(...frames: readonly Frame[]): readonly (string | undefined)[] {
  const contents = shownContents(frames).get(3);
  return [contents?.old, contents?.new].map((each) => (each === undefined ? undefined : Buffer.from(each).toString("latin1")));
}

describe("what a script shows", () => {
  test.each([
    ["a\nb\nc\n", 2, "new", "a\nnew\nc\n"],
    ["a\nb", 2, "new", "a\nnew\n"],
    ["a\nb", 0, "new", "a\nb\nnew\n"],
    ["a\n\n", 0, "new", "a\n\nnew\n"],
    ["", 0, "new", "new\n"],
    ["\xff\n\xfe\n", 1, "\xe9", "\xe9\n\xfe\n"],
  ])("makes %j with line %i of the old content", (old, number, line, after) => {
    const frames: readonly Frame[] = [
      { type: "old", index: 3, content: bytes(old) },
      { type: "line", index: 3, number, content: bytes(line) },
    ];
    expect(shown(...frames)).toEqual([old, after]);
  });

  test("is kept for each step by itself, contents and lines of differences", () => {
    const frames: readonly Frame[] = [
      { type: "diff", index: 3, content: bytes("mode: 0644 -> 0600\n") },
      { type: "old", index: 3, content: bytes("a\n") },
      { type: "new", index: 3, content: bytes("b\n") },
      { type: "old", index: 4, content: bytes("c\n") },
      { type: "begin", index: 5 },
    ];
    expect(shown(...frames)).toEqual(["a\n", "b\n"]);
    expect(shownContents(frames).get(3)?.text).toBe("mode: 0644 -> 0600\n");
    expect([...shownContents(frames).keys()]).toEqual([3, 4]);
  });
});
