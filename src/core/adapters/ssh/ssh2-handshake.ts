import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Algorithms } from "ssh2";
import Client from "ssh2/lib/client.js";
import { fail, type HalliganError } from "../../errors.ts";
import type { Clock, SshTarget } from "../../ports.ts";
import type { Authentication } from "./authentication.ts";
import { findPins, type HostKeyVerdict, judgeHostKey, type Pins, pinnedTypes, where } from "./host-key-verdict.ts";
import { type HostKey, hostKeyFrom, messageOf, sameKey } from "./known-hosts.ts";
import { lighten, writeTogether } from "./lighter.ts";
import { type Liveness, watchLiveness } from "./liveness.ts";
import { pinHostKey } from "./pin.ts";
import { pingOver } from "./ping.ts";
import { Deadline, DroppedEarly, turnedAway, unlessAborted } from "./retry.ts";
import { signAtOnce } from "./sign-at-once.ts";
import { saidNothing, socketCause, unreachable } from "./socket.ts";
import type { Authenticated } from "./ssh2-connection.ts";

/** Decides about the key that a server shows. */
export type HostKeyJudge = (target: SshTarget, pins: Pins, key: HostKey) => HostKeyVerdict;

/** How far a handshake has come. */
type Phase = "greeting" | "keys" | "login" | "open";

const maxGreetingBytes = 65_536; // text before "SSH-2.0-"; RFC 4253 section 4.2 allows some lines

const hostKeyAlgorithms: Readonly<Record<string, readonly string[]>> = {
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
};
const allHostKeyTypes = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** curve25519 and AES-GCM first (cheapest by far), the rest of what ssh2 offers after; host key types that are pinned before all others. */
function algorithmsFor(pinned: readonly string[]): Algorithms {
  const types = [...pinned.filter((type) => allHostKeyTypes.includes(type)), ...allHostKeyTypes.filter((type) => !pinned.includes(type))];
  return {
    serverHostKey: types.flatMap((type) => hostKeyAlgorithms[type] ?? [type]) as NonNullable<Algorithms["serverHostKey"]> & string[],
    // what old devices still need, after everything better; the signed transcript prevents a downgrade
    kex: { append: ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1"], prepend: [], remove: [] },
    cipher: { append: ["aes256-cbc", "aes192-cbc", "aes128-cbc"], prepend: [], remove: [] },
  };
}

/** What a handshake goes by. */
export interface HandshakeOptions {
  readonly clock: Clock;
  /** The deadline; it also covers servers that fall silent. */
  readonly signal: AbortSignal;
  /** Default: what is pinned decides. */
  readonly judge?: HostKeyJudge;
}

/**
 * Does the SSH handshake and the login over an open socket, which is closed where that fails.
 * Problems: `HOST_KEY_*`, `AUTH_FAILED`, `SSH_PROTOCOL`, `HOST_UNREACHABLE` (`DroppedEarly` when trying again may help).
 */
export async function handshake(
  target: SshTarget,
  socket: Duplex,
  login: Authentication,
  { clock, signal, judge = judgeHostKey }: HandshakeOptions,
): Promise<Authenticated> {
  const pins = await findPins(target).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  if (socket.destroyed) throw beforeGreeting(target, { phase: "greeting", greeting: "" }, new Error("the server closed the connection"));
  const client = new Client();
  const link = watch(client, socket, clock);
  const state = { phase: "greeting" as Phase, greeting: "", refusal: undefined as HalliganError | undefined };
  let accepted: HostKey | undefined;
  let pinned: Promise<void> = Promise.resolve();
  let mustPin = false;
  peek(socket, state);
  writeTogether(socket, link.liveness.wrote);
  client.on("handshake", () => setImmediate(lighten, client));
  try {
    const opened = new Promise<void>((resolve, reject) => {
      client.on("error", (error: Error & { level?: string }) => {
        if (error.level === "agent") login.note(`${messageOf(error).toLowerCase()} at ${target.agent ?? ""}`);
        else if (error.level !== "client-authentication") reject(state.refusal ?? explain(target, state, error, login));
      });
      client.once("close", () => reject(state.refusal ?? explain(target, state, new Error("the server closed the connection"), login)));
      client.once("handshake", () => {
        state.phase = "login";
        // only now is it proven that the server holds the key
        if (mustPin && accepted !== undefined)
          pinned = pinHostKey(target.knownHosts.file, target.address, target.port, accepted, target.node);
        pinned.catch(reject);
      });
      client.once("change password", () => reject(login.failed("the server demands a new password for this user; change it by hand")));
      client.once("ready", () => {
        state.phase = "open";
        state.greeting = "";
        socket.on("data", link.liveness.heard);
        link.liveness.start();
        resolve();
      });
      client.connect({
        sock: socket,
        username: target.user,
        algorithms: algorithmsFor(pinnedTypes(pins)),
        readyTimeout: 0,
        hostVerifier: (blob: Buffer) => {
          const key = hostKeyFrom(Uint8Array.prototype.slice.call(blob));
          // a later key exchange on the same connection must show the same key
          if (accepted !== undefined) return sameKey(accepted, key);
          const verdict = judge(target, pins, key);
          if (verdict.kind === "refused") {
            state.refusal = verdict.error;
            return false;
          }
          mustPin = verdict.kind === "pin";
          accepted = key;
          return true;
        },
        authHandler: (left, _partial, next) => {
          signAtOnce(client);
          const take = (): void => {
            const method = login.next(left);
            if (method === undefined) reject(login.failed());
            else next(method);
          };
          void pinned.then(take, () => undefined);
        },
      });
    });
    // Nothing may listen to the signal afterwards: Node.js keeps a combined one, and the connection with it, for as long as somebody does.
    await unlessAborted(opened, signal);
    return link;
  } catch (error) {
    link.destroy();
    throw signal.aborted && error === signal.reason ? timedOut(target, state.phase, error) : error;
  }
}

/** Follows the end of a connection, and whether the other side still lives. Registered before ssh2's own listeners, so that `isGone` is true when those run. */
function watch(client: Client, socket: Duplex, clock: Clock): Authenticated {
  let gone = false;
  let why = "the server closed the connection";
  const end = Promise.withResolvers<string>();
  const destroy = (): void => {
    socket.destroy();
    // a channel of a jump host is only closed when that host answers
    if (!(socket instanceof Socket)) setImmediate(() => socket.emit("close"));
  };
  const liveness: Liveness = watchLiveness({
    clock,
    ping: (answered) => pingOver(client, answered),
    dead(seconds) {
      why = `the node did not answer keepalives for ${seconds} s`;
      destroy();
    },
  });
  const waiting = new Set<(why: string) => void>();
  void end.promise.then((reason) => {
    for (const heard of waiting) heard(reason);
    waiting.clear();
  });
  const onGone: Authenticated["onGone"] = (heard) => {
    if (gone) void end.promise.then(heard);
    else waiting.add(heard);
    return () => void waiting.delete(heard);
  };
  socket.once("close", () => {
    gone = true;
    liveness.end();
    end.resolve(why);
  });
  client.on("error", (error: Error) => {
    why = socketCause(error);
  });
  return { client, liveness, gone: end.promise, onGone, isGone: () => gone, destroy };
}

/** Keeps the beginning of what the server says, for messages, and stops a server that talks without ever speaking SSH. */
function peek(socket: Duplex, state: { phase: Phase; greeting: string; refusal: HalliganError | undefined }): void {
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (state.greeting.length < 1_024) state.greeting += chunk.toString("latin1", 0, 1_024);
    if (/(^|\n)SSH-/.test(state.greeting)) {
      state.phase = "keys";
      socket.removeListener("data", onData);
    } else if (bytes > maxGreetingBytes) socket.destroy(new Error("it sends text without end"));
  };
  socket.on("data", onData);
}

function firstLine(text: string): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  return line
    .replace(/[^\x20-\x7e]/g, "?")
    .trim()
    .slice(0, 100);
}

function timedOut(target: SshTarget, phase: Phase, reason: unknown): Error {
  if (!(reason instanceof Deadline)) return reason instanceof Error ? reason : new Error("aborted");
  switch (phase) {
    case "greeting":
      return saidNothing(target);
    case "keys":
    case "login":
    case "open":
      return unreachable(
        target,
        `The SSH server answered, but did not finish ${phase === "keys" ? "the key exchange" : "the login"} within ${target.connectTimeoutMs / 1000} s.`,
      );
  }
}

interface Seen {
  readonly phase: Phase;
  readonly greeting: string;
}

function explain(target: SshTarget, seen: Seen, error: Error, login: Authentication): HalliganError {
  switch (seen.phase) {
    case "greeting":
      return beforeGreeting(target, seen, error);
    case "keys":
      return isCut(error) ? dropped(target, "The connection was closed during the key exchange.") : protocol(target, error.message);
    case "login":
      if (/too many authentication failures/i.test(error.message))
        return login.failed("the server cut us off after too many attempts (MaxAuthTries): offer fewer keys");
      return unreachable(target, `The connection ended during the login: ${socketCause(error)}`, error);
    case "open":
      return unreachable(target, socketCause(error), error);
  }
}

function isCut(error: Error): boolean {
  return "code" in error || /closed the connection|Connection lost/.test(error.message);
}

function beforeGreeting(target: SshTarget, seen: Seen, error: Error): HalliganError {
  const text = firstLine(seen.greeting);
  if (text === "" && isCut(error)) {
    return dropped(
      target,
      "The server closed the connection before the SSH handshake: too many connections at once (MaxStartups), or it does not let this address in.",
    );
  }
  if (turnedAway.test(text)) return dropped(target, `The server turned the connection away: ${text}.`);
  return protocol(
    target,
    text === "" ? error.message : `it answers "${text}"${/without end/.test(error.message) ? " and goes on without end" : ""}`,
  );
}

function dropped(target: SshTarget, cause: string): HalliganError {
  return new DroppedEarly(unreachable(target, cause).problems);
}

function protocol(target: SshTarget, cause: string): HalliganError {
  const algorithms = /no matching (.*)$/.exec(cause);
  return fail("SSH_PROTOCOL", {
    message: `${target.node} (${where(target)}) and Halligan cannot talk SSH with each other.`,
    cause: algorithms === null ? cause : `There is no common ${algorithms[1]}.`,
    at: { node: target.node },
    hint:
      algorithms === null ? undefined : "Set `transport: openssh` for this node, or allow curve25519-sha256 and aes128-gcm on its server.",
  });
}
