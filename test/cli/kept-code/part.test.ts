import { expect, test } from "vitest";
import { decodePart, encodePart } from "../../../src/cli/kept-code/part.ts";

const part = { source: { size: 12, changedMs: 1_700_000_000_000.5 }, compiledBytes: 3_000_000, code: Buffer.from("compiled code") };

test("what was kept is read as it was", () => {
  const read = decodePart(encodePart(part));
  expect(read).toEqual({ ...part, code: expect.anything() });
  expect(Buffer.from(read?.code ?? []).toString()).toBe("compiled code");
});

test("what is damaged or cut off is not read, wherever that is", () => {
  const bytes = encodePart(part);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    expect(decodePart(damaged), `byte ${at}`).toBeUndefined();
    expect(decodePart(bytes.subarray(0, at)), `${at} bytes`).toBeUndefined();
  }
});
