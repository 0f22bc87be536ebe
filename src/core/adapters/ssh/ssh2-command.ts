import type { ClientChannel } from "ssh2";
import type { Conversation, Exit, Input } from "../../ports.ts";
import { Chunks } from "./chunks.ts";
import { messageOf } from "./known-hosts.ts";
import { askEveryBytes, type Liveness } from "./liveness.ts";

const drainMs = 1_000; // how long bytes that arrived before a cut are still handed out, when ssh2 does not end the streams itself

/** What is sent to a command at first, and whether more may come. */
export interface ChannelInput {
  readonly stdin: Input | undefined;
  readonly staysOpen: boolean;
}

/** The connection under a channel. It lives longer: nothing of a channel may stay with it. */
interface Beneath {
  onGone(heard: (why: string) => void): () => void;
  readonly liveness: Pick<Liveness, "ask">;
}

/**
 * Wraps an open exec channel. The channel is half closed as soon as `stdin` is sent, unless it stays open, and never
 * closed from our side before the exit code: sshd forgets the exit code of a command whose channel was closed by the client.
 * (A run has tens of thousands of these, so there are few promises in it.)
 */
export function runOnChannel(channel: ClientChannel, { stdin, staysOpen }: ChannelInput, { onGone, liveness }: Beneath): Conversation {
  // ssh2's destroy() sends CHANNEL_CLOSE, and Node calls it by itself once both directions have ended
  channel.destroy = () => channel;
  channel.on("error", () => undefined); // writes after the other side closed; the exit tells what happened
  channel.stderr.on("error", () => undefined);
  let status: Exit | undefined;
  let reason = "the channel closed without an exit code";
  channel.on("exit", (code: number | null, signal?: string) => {
    status = code === null ? { kind: "signalled", signal: signal ?? "unknown" } : { kind: "exited", code };
  });
  const finished = Promise.withResolvers<void>();
  const feeding = createFeeding(channel, liveness);
  const [stdout, stderr] = [new Chunks(channel), new Chunks(channel.stderr)];
  const finish = (): void => {
    feeding.stop();
    forget();
    stdout.end();
    stderr.end();
    finished.resolve();
  };
  const forget = onGone((why) => {
    reason = `the connection was lost: ${why}`;
    setTimeout(finish, drainMs).unref();
  });
  let open = 3;
  const partEnded = (): void => {
    open -= 1;
    if (open === 0) finish();
  };
  channel.once("end", partEnded);
  channel.stderr.once("end", partEnded);
  channel.once("close", () => {
    feeding.stop();
    partEnded();
  });
  const exit = finished.promise.then((): Exit => status ?? { kind: "lost", reason });
  const feed = async (input: Input | undefined, last: boolean): Promise<void> => {
    try {
      await feeding.feed(input);
      if (last) feeding.end();
    } catch (error) {
      reason = `the input could not be read: ${messageOf(error)}`;
      channel.close();
    }
  };
  let fed = feed(stdin, !staysOpen);
  return {
    stdout,
    stderr,
    exit,
    async delivered() {
      await fed;
      await Promise.race([new Promise<void>((resolve) => liveness.ask(resolve)), finished.promise]);
    },
    say(input) {
      fed = fed.then(() => feed(input, false));
    },
    end() {
      fed = fed.then(() => feed(undefined, true));
    },
    abandon() {
      if (status === undefined) reason = "abandoned";
      channel.close();
      channel.resume();
      channel.stderr.resume();
      finish();
    },
  };
}

/** Where pieces of input are put together to what is written at once. ssh2 copies from it what the channel lets through; else the channel keeps it, and there is a new one. */
let together = Buffer.allocUnsafeSlow(askEveryBytes);

/** Sends the input of one channel. */
interface Feeding {
  /** Resolves when all of it was handed over, or when it was stopped. @throws what reading the input throws. */
  feed(stdin: Input | undefined): Promise<void>;
  /** Half closes the channel. */
  end(): void;
  stop(): void;
}

/** Input goes in pieces; after each, but for the last, the other side is asked for an answer, so that its silence can be told from a slow link. */
function createFeeding(channel: ClientChannel, liveness: Beneath["liveness"]): Feeding {
  let stopped = false;
  let wake = (): void => undefined;
  const write = async (chunk: Uint8Array): Promise<void> => {
    let sent = false;
    channel.write(chunk, () => {
      sent = true;
      wake();
    });
    if (channel.writableLength === 0) return;
    // what the channel's window does not let through yet is held back
    if (chunk.buffer === together.buffer) together = Buffer.allocUnsafeSlow(askEveryBytes);
    while (!sent && !stopped) await new Promise<void>((resolve) => (wake = resolve));
  };
  const goesOn = (): boolean => !stopped && channel.writable;

  const feedPieces = async (pieces: readonly Uint8Array[]): Promise<void> => {
    let used = 0;
    let written = 0;
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        const taken = Math.min(piece.length - at, askEveryBytes - used);
        together.set(piece.subarray(at, at + taken), used);
        at += taken;
        used += taken;
        if (used === askEveryBytes) await send();
      }
    }
    if (used > 0) await send();

    async function send(): Promise<void> {
      const chunk = together.subarray(0, used);
      used = 0;
      if (!goesOn()) return;
      if (written > 0) liveness.ask();
      written += 1;
      await write(chunk);
    }
  };

  return {
    async feed(stdin) {
      if (stdin instanceof Uint8Array) await feedPieces([stdin]);
      else if (stdin !== undefined && isList(stdin)) await feedPieces(stdin);
      else if (stdin !== undefined) {
        for await (const chunk of stdin) {
          if (!goesOn()) return;
          await feedPieces([chunk]);
        }
      }
    },
    end() {
      if (goesOn()) channel.end();
    },
    stop() {
      stopped = true;
      wake();
    },
  };
}

function isList(input: Exclude<Input, Uint8Array>): input is readonly Uint8Array[] {
  return Array.isArray(input);
}
