import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openingOf } from "../../../../src/core/run/exec/opening.ts";
import { keepOutput } from "../../../../src/core/run/exec/output.ts";

test("the first and the last bytes are kept, however they arrive", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (chunks, limit) => {
      const keeper = keepOutput(limit);
      for (const chunk of chunks) keeper.push(chunk);
      const { head, tail, totalBytes, omittedBytes, sha256 } = keeper.finish();
      const all = Buffer.concat(chunks);
      const rest = all.subarray(limit);
      expect(Buffer.from(head).equals(all.subarray(0, limit))).toBe(true);
      expect(Buffer.from(tail).equals(rest.subarray(-limit))).toBe(true);
      expect([totalBytes, omittedBytes]).toEqual([all.length, Math.max(0, rest.length - limit)]);
      expect(sha256).toBe(createHash("sha256").update(all).digest("hex"));
    }),
  );
});

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 2, 7, 1000])("what a login shell prints before the command is kept apart (pieces of %i bytes)", async (size) => {
  const banner = "Welcome!\nHALLIGAN/1 exec, they say\nno newline";
  const opening = openingOf(pieces(`${banner}\nHALLIGAN/1 exec 4711\nanswer\nHALLIGAN/1 exec 1\n`, size));
  const chunks: Uint8Array[] = [];
  for await (const chunk of opening.rest) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("answer\nHALLIGAN/1 exec 1\n");
  expect(opening.session()).toBe(4711);
  expect(opening.before()).toBe(`${banner}\n`);
});

test("where a command never begins, nothing is taken for its output", async () => {
  const opening = openingOf(pieces("sudo: a password is required\n".repeat(10_000), 4096));
  for await (const chunk of opening.rest) expect(chunk).toBeUndefined();
  expect(opening.session()).toBeUndefined();
  expect(opening.before()).toContain("a password is required");
});
