import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { fail, type HalliganError } from "../../errors.ts";
import type { Connection, Conversation, SshTarget } from "../../ports.ts";
import { createChannelGate } from "./channel-gate.ts";
import { messageOf } from "./known-hosts.ts";
import type { Liveness } from "./liveness.ts";
import { type ChannelInput, runOnChannel } from "./ssh2-command.ts";

const closeGraceMs = 1_000;
const refusedPauseMs = 50;
const refusedTries = 3;

/** An authenticated ssh2 client together with the news of its end. */
export interface Authenticated {
  readonly client: Client;
  readonly liveness: Liveness;
  /** Settles with the reason when the connection is gone. */
  readonly gone: Promise<string>;
  /** Has `heard` called once the connection is gone; call the result when that is of no interest any more. What is short-lived must not wait for `gone`, which would keep it. */
  onGone(heard: (why: string) => void): () => void;
  /** True from the moment the socket is closed; set before ssh2 tells its callbacks. */
  isGone(): boolean;
  /** Cuts the connection at once. */
  destroy(): void;
}

type Opened =
  | { readonly kind: "open"; readonly channel: ClientChannel }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "dead" }
  /** The command was sent, the answer never came. */
  | { readonly kind: "unknown" };

/** Makes a connection of an authenticated client. */
export function createSsh2Connection(target: SshTarget, link: Authenticated): Connection {
  const gate = createChannelGate();
  void link.gone.then((why) => gate.end(lost(target, why)));
  async function start(command: string, input: ChannelInput, onWanted?: () => void): Promise<Conversation> {
    for (let tries = 0; ; ) {
      const leave = await gate.enter(onWanted);
      const opened = await openChannel(link, command);
      switch (opened.kind) {
        case "open": {
          const running = runOnChannel(opened.channel, input, link);
          void running.exit.then(leave);
          return running;
        }
        case "unknown":
          leave();
          return neverAnswered(link.gone);
        case "dead":
          leave();
          throw lost(target, await link.gone);
        case "refused": {
          const narrower = gate.refused();
          leave();
          if (narrower) continue;
          if (++tries >= refusedTries) throw refused(target, opened.why);
          await sleep(refusedPauseMs); // the places of channels that just closed may not be free yet
        }
      }
    }
  }

  return {
    closed: link.gone,
    exec: (command, options) => start(command, { stdin: options?.stdin, staysOpen: false }),
    converse: (command, { stdin, onWanted }) => start(command, { stdin, staysOpen: true }, onWanted),
    async close() {
      link.client.end();
      const timer = setTimeout(() => link.destroy(), closeGraceMs);
      await link.gone;
      clearTimeout(timer);
    },
  };
}

function openChannel(link: Authenticated, command: string): Promise<Opened> {
  return new Promise((resolve) => {
    if (link.isGone()) {
      resolve({ kind: "dead" });
      return;
    }
    try {
      link.client.exec(command, (error, channel) => {
        if (error === undefined || error === null) resolve({ kind: "open", channel });
        else if (error.message === "Unable to exec") {
          // the answer "no" and a cut before any answer look alike in ssh2; only the state of the socket tells them apart
          resolve(link.isGone() ? { kind: "unknown" } : { kind: "refused", why: "it refused the exec request" });
        } else if ("reason" in error && !link.isGone())
          resolve({ kind: "refused", why: error.message.replace("(SSH) Channel open failure: ", "") });
        else resolve({ kind: "dead" }); // the channel was never open, so the command was never sent
      });
    } catch {
      resolve({ kind: "dead" }); // ssh2 throws "Not connected" before it sends anything
    }
  });
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {
  // a command of which nothing was heard
}

function neverAnswered(gone: Promise<string>): Conversation {
  return {
    stdout: nothing(),
    stderr: nothing(),
    exit: gone.then((why) => ({ kind: "lost", reason: `the connection was lost while the command was being started: ${why}` })),
    say: () => undefined,
    end: () => undefined,
    abandon: () => undefined,
  };
}

function lost(target: SshTarget, why: string): HalliganError {
  return fail("CONNECTION_LOST", {
    message: `The connection to ${target.node} was lost before the command was started.`,
    cause: why,
    at: { node: target.node },
  });
}

function refused(target: SshTarget, why: string): HalliganError {
  return fail("CHANNEL_REFUSED", {
    message: `The SSH server of ${target.node} refused to run a command.`,
    cause: messageOf(why),
    at: { node: target.node },
  });
}
