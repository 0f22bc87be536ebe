import { once } from "node:events";
import type { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { Exit, RemoteCommand } from "../../ports.ts";
import { messageOf } from "./known-hosts.ts";
import { askEveryBytes, type Liveness } from "./liveness.ts";

const drainMs = 1_000; // how long bytes that arrived before a cut are still handed out, when ssh2 does not end the streams itself

/** The connection under a channel. It lives longer: nothing of a channel may stay with it. */
interface Beneath {
  onGone(heard: (why: string) => void): () => void;
  readonly liveness: Pick<Liveness, "ask">;
}

/**
 * Wraps an open exec channel. The channel is half closed as soon as `stdin` is sent, and never
 * closed from our side before the exit code: sshd forgets the exit code of a command whose channel was closed by the client.
 */
export function runOnChannel(
  channel: ClientChannel,
  stdin: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  { onGone, liveness }: Beneath,
): RemoteCommand {
  // ssh2's destroy() sends CHANNEL_CLOSE, and Node calls it by itself once both directions have ended
  channel.destroy = () => channel;
  channel.on("error", () => undefined); // writes after the other side closed; the exit tells what happened
  channel.stderr.on("error", () => undefined);
  let status: Exit | undefined;
  let reason = "the channel closed without an exit code";
  channel.on("exit", (code: number | null, signal?: string) => {
    status = code === null ? { kind: "signalled", signal: signal ?? "unknown" } : { kind: "exited", code };
  });
  const outputsEnded = Promise.all([ended(channel), ended(channel.stderr)]);
  const closed = once(channel, "close");
  const cut = Promise.withResolvers<void>();
  const forget = onGone((why) => {
    reason = `the connection was lost: ${why}`;
    setTimeout(cut.resolve, drainMs).unref();
  });
  const over = Promise.race([Promise.all([closed, outputsEnded]), cut.promise]);
  const abandoned = Promise.withResolvers<void>();
  const finished = Promise.race([over, abandoned.promise]);
  void finished.then(forget);
  const exit = finished.then((): Exit => status ?? { kind: "lost", reason });
  const fed = feed({ channel, liveness }, stdin, Promise.race([closed, cut.promise, abandoned.promise])).catch((error: unknown) => {
    reason = `the input could not be read: ${messageOf(error)}`;
    channel.close();
  });
  return {
    stdout: chunks(channel, finished),
    stderr: chunks(channel.stderr, finished),
    exit,
    async delivered() {
      await fed;
      await Promise.race([new Promise<void>((resolve) => liveness.ask(resolve)), finished]);
    },
    abandon() {
      if (status === undefined) reason = "abandoned";
      channel.close();
      channel.resume();
      channel.stderr.resume();
      abandoned.resolve();
    },
  };
}

function ended(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once("end", () => resolve()));
}

/** Hands out what arrives; the window of the channel is only renewed as it is taken. A consumer that stops early discards the rest. */
async function* chunks(stream: Readable, finished: Promise<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  let wake = Promise.withResolvers<void>();
  let over = stream.readableEnded;
  const onReadable = (): void => wake.resolve();
  const onEnd = (): void => {
    over = true;
    wake.resolve();
  };
  stream.on("readable", onReadable).on("end", onEnd);
  void finished.then(onEnd);
  try {
    for (;;) {
      wake = Promise.withResolvers<void>();
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) yield chunk;
      else if (over) return;
      else await wake.promise;
    }
  } finally {
    stream.removeListener("readable", onReadable);
    stream.resume();
  }
}

/** Sends the input in pieces; after each, but for the last, the other side is asked for an answer, so that its silence can be told from a slow link. */
async function feed(
  { channel, liveness }: { readonly channel: ClientChannel } & Pick<Beneath, "liveness">,
  stdin: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  stopped: Promise<unknown>,
): Promise<void> {
  let stop = false;
  const stopping = stopped.then(() => {
    stop = true;
  });
  const write = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0; at < chunk.length && !stop && channel.writable; at += askEveryBytes) {
      if (at > 0) liveness.ask();
      const sent = Promise.withResolvers<void>();
      channel.write(chunk.subarray(at, at + askEveryBytes), () => sent.resolve());
      // what the channel's window does not let through yet is held back
      if (channel.writableLength > 0) await Promise.race([sent.promise, stopping]);
    }
  };
  if (stdin instanceof Uint8Array) await write(stdin);
  else if (stdin !== undefined) {
    for await (const chunk of stdin) {
      if (stop || !channel.writable) return;
      await write(chunk);
    }
  }
  if (!stop) channel.end();
}
