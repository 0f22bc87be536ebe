import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Chunks } from "../../../../src/core/adapters/ssh/chunks.ts";

const text = (result: IteratorResult<Uint8Array, undefined>): string | undefined =>
  result.done === true ? undefined : Buffer.from(result.value).toString();

test("what is asked for before it arrives is answered in order, and then the end, as often as it is asked for", async () => {
  const stream = new PassThrough();
  const chunks = new Chunks(stream);
  const asked = [chunks.next(), chunks.next(), chunks.next()];
  stream.write("one");
  await expect(asked[0]?.then(text)).resolves.toBe("one");
  stream.end("two");
  expect((await Promise.all(asked)).map(text)).toEqual(["one", "two", undefined]);
  expect(text(await chunks.next())).toBeUndefined();
});

test("what arrived before a cut is handed out, though the stream itself never ends", async () => {
  const stream = new PassThrough();
  stream.write("all that came");
  const chunks = new Chunks(stream);
  chunks.end();
  expect([text(await chunks.next()), text(await chunks.next())]).toEqual(["all that came", undefined]);
});

test("nothing is taken before it is asked for, and all is discarded once the consumer has gone", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const chunks = new Chunks(stream);
  expect(stream.write("first")).toBe(false);
  for await (const chunk of chunks) {
    expect(Buffer.from(chunk).toString()).toBe("first");
    break;
  }
  stream.end("and the rest");
  await new Promise((resolve) => stream.once("end", resolve));
  expect(text(await chunks.next())).toBeUndefined();
});
