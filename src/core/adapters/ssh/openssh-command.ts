import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Exit, Input, RemoteCommand } from "../../ports.ts";
import { messageOf } from "./known-hosts.ts";

const pollMs = 5;
const maxPollMs = 50;

/** An `ssh` process that asked the master connection to run a command. */
export interface MuxClient {
  readonly child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable };
  /** File with its debug output. */
  readonly log: string;
  /** Settles when the process is over and its outputs are closed. */
  readonly over: Promise<void>;
}

/** Whether a command was started: the master says so in the log. */
export type Started =
  /** `channel` is the master's number of the session. */
  | { readonly kind: "started"; readonly channel: number }
  /** The server refused the session, so the command did not start. */
  | { readonly kind: "refused"; readonly why: string }
  /** There was no master to ask, so the command did not start. */
  | { readonly kind: "dead" }
  /** It ended without a word. */
  | { readonly kind: "unknown" };

/** Waits until it is known whether the command was started. */
export async function awaitStart(mux: MuxClient): Promise<Started> {
  let over = false;
  const ending = mux.over.then(() => {
    over = true;
  });
  for (let pause = pollMs; ; pause = Math.min(pause * 2, maxPollMs)) {
    const last = over;
    const text = await readFile(mux.log, "utf8").catch(() => "");
    const channel = /master session id: (\d+)/.exec(text)?.[1];
    if (channel !== undefined) return { kind: "started", channel: Number(channel) };
    const refusal = /session request failed: (.*)/.exec(text)?.[1];
    if (refusal !== undefined) return { kind: "refused", why: refusal.trim() };
    if (last) return /entering|mux_client_request_session|mux_client_hello/.test(text) ? { kind: "unknown" } : { kind: "dead" };
    await Promise.race([sleep(pause), ending]);
  }
}

/**
 * Wraps a started command. Exit code 255 of `ssh` means both "the command ended with 255" and "it failed"; its log tells them apart.
 * `otherwise` says how it ended when there is no exit code.
 */
export function runOverMux(mux: MuxClient, stdin: Input | undefined, otherwise: () => Promise<Exit>): RemoteCommand {
  const { child } = mux;
  let reason: string | undefined;
  child.stdin.on("error", () => undefined); // the command closed its input; its exit tells what happened
  void feed(child.stdin, stdin, mux.over).catch((error: unknown) => {
    reason = `the input could not be read: ${messageOf(error)}`;
    child.kill("SIGKILL");
  });
  const exit = mux.over.then(async (): Promise<Exit> => {
    const text = await readFile(mux.log, "utf8").catch(() => "");
    await rm(mux.log, { force: true });
    const status = /Received exit status from master (\d+)/.exec(text)?.[1];
    if (status !== undefined) return { kind: "exited", code: Number(status) };
    if (reason !== undefined) return { kind: "lost", reason };
    return await otherwise();
  });
  return {
    stdout: chunks(child.stdout),
    stderr: chunks(child.stderr),
    exit,
    abandon() {
      reason ??= "abandoned";
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.destroy();
    },
  };
}

async function* chunks(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch {
    // abandoned: the stream was cut on purpose
  } finally {
    stream.resume();
  }
}

async function feed(to: Writable, stdin: Input | undefined, over: Promise<void>): Promise<void> {
  if (stdin instanceof Uint8Array) to.write(stdin);
  else if (stdin !== undefined) {
    for await (const chunk of stdin) {
      if (!to.writable) return;
      if (!to.write(chunk)) await Promise.race([once(to, "drain").catch(() => undefined), over]);
    }
  }
  to.end();
}
