import { Duplex, PassThrough } from "node:stream";
import type { ClientChannel } from "ssh2";
import { expect, test } from "vitest";
import { runOnChannel } from "../../../../src/core/adapters/ssh/ssh2-command.ts";

/** A channel whose other side does what the test says, on a connection that knows who waits for its end. */
function opened() {
  const waiting = new Set<(why: string) => void>();
  const beneath = {
    onGone(heard: (why: string) => void) {
      waiting.add(heard);
      return () => void waiting.delete(heard);
    },
    liveness: { ask: () => undefined },
  };
  const channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const stderr = new PassThrough();
  const command = runOnChannel(
    Object.assign(channel, { stderr }) as unknown as ClientChannel,
    { stdin: undefined, staysOpen: false },
    beneath,
  );
  const read = async (): Promise<string> => {
    let text = "";
    for await (const piece of command.stdout) text += Buffer.from(piece).toString("utf8");
    return text;
  };
  return { channel, stderr, command, read, waiting };
}

test("nothing of a command stays with its connection when it has ended", async () => {
  const { channel, stderr, command, read, waiting } = opened();
  expect(waiting.size).toBe(1);
  channel.push("said");
  channel.push(null);
  stderr.end();
  channel.emit("exit", 0);
  stderr.resume();
  expect(await read()).toBe("said");
  channel.emit("close");
  expect(await command.exit).toEqual({ kind: "exited", code: 0 });
  expect(waiting.size).toBe(0);
});

test("nor when it was abandoned", async () => {
  const { channel, command, waiting } = opened();
  Object.assign(channel, { close: () => undefined });
  command.abandon();
  expect(await command.exit).toEqual({ kind: "lost", reason: "abandoned" });
  expect(waiting.size).toBe(0);
});

test("a connection that ends takes its commands along, after what had arrived was handed out", async () => {
  const { channel, command, read, waiting } = opened();
  channel.push("half of it");
  for (const heard of waiting) heard("the server closed the connection");
  expect(await read()).toBe("half of it");
  expect(await command.exit).toEqual({ kind: "lost", reason: "the connection was lost: the server closed the connection" });
  expect(waiting.size).toBe(0);
});

test("a channel that fails tells by its end how the command ended", async () => {
  const { channel, stderr, command, read } = opened();
  channel.emit("exit", 3);
  channel.emit("error", new Error("write after end"));
  channel.push(null);
  stderr.end();
  stderr.resume();
  expect(await read()).toBe("");
  channel.emit("close");
  expect(await command.exit).toEqual({ kind: "exited", code: 3 });
});
