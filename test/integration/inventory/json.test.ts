import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awkBase } from "../../../src/core/inventory/probe/base.ts";
import { runWith } from "./run-probe.ts";

const known = { mawk: ["/usr/bin/mawk"], gawk: ["/usr/bin/gawk"], "busybox awk": ["/bin/busybox", "awk"], awk: ["/usr/bin/awk"] } as const;
const awks = Object.entries(known).filter(([, [file]]) => existsSync(file));

// records end with \x01, so that values may hold newlines
const program = `${awkBase.replaceAll(/^#.*$/gm, "")} BEGIN { init_base(); RS = "\\001"; FS = "\\n" } { print js($0) }`;

/** What each value should be read back as. Decoders differ in how many U+FFFD a bad sequence gives; runs of them count as one. */
const folded = (text: string): string => text.replaceAll(/\uFFFD+/g, "\uFFFD");
const decoded = (bytes: Uint8Array): string => folded(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));

async function escaped(awk: readonly string[], values: readonly Uint8Array[]): Promise<readonly string[]> {
  const input = Buffer.concat(values.flatMap((value) => [value, Buffer.from([1])]));
  const ran = await runWith([...awk, program], input, { LC_ALL: "C", PATH: process.env["PATH"] ?? "" });
  expect(ran.stderr).toBe("");
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(ran.stdout);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => folded(JSON.parse(line) as string));
}

/** Bytes without NUL (shells cannot hold it) and without the separator. */
const anyBytes = fc.uint8Array({ min: 2, max: 255, minLength: 1, maxLength: 40 });
const almostUtf8 = fc
  .tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), fc.nat(), fc.integer({ min: 2, max: 255 }))
  .map(([text, at, byte]) => {
    const bytes = new TextEncoder().encode(text.replaceAll(/[\0\x01]/g, "x"));
    bytes[at % bytes.length] = byte;
    return bytes;
  });

describe.each(awks)("JSON strings made by %s", (_name, awk) => {
  it("read back as what was put in, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyBytes, almostUtf8), { minLength: 200, maxLength: 400 }), async (values) => {
        expect(await escaped(awk, values)).toEqual(values.map(decoded));
      }),
      { numRuns: 4 },
    );
  });

  it("hold every single byte, and every character class", async () => {
    const single = Array.from({ length: 254 }, (_, index) => Uint8Array.of(index + 2));
    const texts = ["é", "✓", "😀", "\u07ff\u0800\ud7ff\ue000\uffff", "\u{10ffff}", '"\\/\b\f\n\r\t', "$(reboot)`'"].map((text) =>
      Buffer.from(text),
    );
    // overlong, surrogate, beyond the last code point, cut
    const wrong = [
      [0xc0, 0xaf],
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x9c],
      [0xf5, 0x41],
    ].map((bytes) => Uint8Array.from(bytes));
    const values = [...single, ...texts, ...wrong];
    expect(await escaped(awk, values)).toEqual(values.map(decoded));
  });
});

it("at least two kinds of awk were tried", () => {
  expect(awks.map(([name]) => name)).toEqual(expect.arrayContaining(["awk", "busybox awk"]));
});
