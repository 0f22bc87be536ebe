import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Connection } from "../../../../src/core/ports.ts";
import { takeTurn } from "../../../../src/core/run/remote/standing.ts";

test("of many receivers a bounded number stays; the others end after their script, and are read to their end", async () => {
  let [ended, read] = [0, 0];
  const connections = Array.from({ length: 600 }, (): Connection => {
    const stdout = new PassThrough().on("end", () => (read += 1));
    return {
      closed: new Promise(() => undefined),
      close: async () => undefined,
      exec: () => Promise.reject(new Error("not asked here")),
      converse: async () => ({
        stdout,
        stderr: new PassThrough(),
        exit: new Promise(() => undefined),
        abandon: () => undefined,
        say: () => undefined,
        end() {
          ended += 1;
          stdout.end("something more\n");
        },
      }),
    };
  });
  const turn = (connection: Connection) => takeTurn({ node: "n", become: { kind: "none" }, connection }, "look check 0", []);
  for (const connection of connections) (await turn(connection))?.over();
  expect(ended).toBe(88);
  await expect.poll(() => read).toBe(88);
  const again = await Promise.all(connections.map((connection) => turn(connection)));
  expect(again.filter((each) => each?.first === false)).toHaveLength(512);
});
