import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frame } from "../../../src/core/jigs/resolved.ts";
import { createFrameParser } from "../../../src/core/jigs/shell/frame-parser.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const payload = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const index = fc.nat(999);

/** A frame as the parser gives it, with the header that says the same. */
const sent: fc.Arbitrary<{ readonly header: string; readonly bytes: Uint8Array; readonly frame: Frame }> = fc.oneof(
  fc
    .tuple(index, payload)
    .map(([at, content]) => ({ header: `out ${at}`, bytes: content, frame: { type: "out", index: at, content } as const })),
  fc
    .tuple(index, payload)
    .map(([at, content]) => ({ header: `old ${at}`, bytes: content, frame: { type: "old", index: at, content } as const })),
  fc.tuple(index, index, payload).map(([at, number, content]) => ({
    header: `line ${at} ${number}`,
    bytes: content,
    frame: { type: "line", index: at, number, content } as const,
  })),
  fc.tuple(index, text).map(([at, seen]) => ({
    header: `observed ${at} change`,
    bytes: encode(seen),
    frame: { type: "observed", index: at, change: "change", observed: seen } as const,
  })),
  fc.tuple(index, text).map(([at, message]) => ({
    header: `end ${at} failed 3 1200`,
    bytes: encode(message),
    frame: { type: "end", index: at, status: "failed", exitCode: 3, durationMs: 1200, message } as const,
  })),
  fc.constant({ header: "phase on-failure", bytes: encode(""), frame: { type: "phase", phase: "on-failure" } as const }),
  fc.constant({
    header: "hello 7 99 ab-cd 5 6",
    bytes: encode(""),
    frame: { type: "hello", pid: 7, startTicks: 99, bootId: "ab-cd", pgrp: 5, session: 6 } as const,
  }),
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

function wire(header: string, bytes: Uint8Array): Uint8Array {
  return joined([encode(`@ ${header} ${bytes.length}\n`), bytes, encode("\n")]);
}

describe("frames", () => {
  test("arrive whole whatever the pieces, after any noise, and can be taken up at the offset", () => {
    fc.assert(
      fc.property(
        fc.array(sent, { maxLength: 8 }),
        fc.string({ maxLength: 60 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
        (frames, noise, sizes) => {
          const whole = joined(frames.map(({ header, bytes }) => wire(header, bytes)));
          const stream = joined([encode(noise), encode("HALLIGAN/1 R-1.1.web started\n"), whole]);
          const parser = createFrameParser("R-1.1.web");
          const got: Frame[] = [];
          for (let at = 0; at < stream.length; ) {
            const size = sizes.next().value;
            got.push(...parser.push(stream.slice(at, at + size)));
            at += size;
            const rest = createFrameParser().push(whole.slice(parser.offset));
            expect([...got, ...rest].length).toBe(frames.length);
          }
          expect(got).toEqual(frames.map(({ frame }) => frame));
          expect(parser.offset).toBe(whole.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ["dpkg: something\n", "no frame starts here"],
    ["@ out 1 3\nabcd\n", "longer than it says"],
    ["@ end 1 maybe 0 0 0\n\n", "not as the protocol wants it"],
    ["@ out 1 99999999\n", "no frame starts here"],
    ["@ nothing 1 0\n\n", "not as the protocol wants it"],
    [`@ out ${"1".repeat(600)}`, "no frame starts here"],
  ])("%j is a protocol error", (bytes, why) => {
    expect(() => createFrameParser().push(encode(bytes))).toThrow(why);
  });

  test("an excerpt of the wrong bytes is shown without control characters", () => {
    expect(() => createFrameParser().push(encode("\u001b[31mred\n"))).toThrow(
      "PROTOCOL_ERROR: The node's answer does not follow the protocol: no frame starts here (byte 0): '?[31mred?'.",
    );
  });
});
