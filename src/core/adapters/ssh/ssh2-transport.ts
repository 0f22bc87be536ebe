import type { Duplex } from "node:stream";
import type { SshTarget, Transport } from "../../ports.ts";
import { prepareAuthentication } from "./authentication.ts";
import { createHop, type Hop } from "./jump.ts";
import { where } from "./host-key-verdict.ts";
import { createKeyRing } from "./private-keys.ts";
import { Deadline, type SshDeps, unlessAborted, withRetries } from "./retry.ts";
import { type ScannedHostKey, scanWith } from "./scan.ts";
import { openSocket, unreachable } from "./socket.ts";
import type { SocketsAhead } from "./sockets-ahead.ts";
import { type Authenticated, createSsh2Connection } from "./ssh2-connection.ts";
import { handshake } from "./ssh2-handshake.ts";

/** The in-process transport; it can also look at a host key without logging in. */
export interface Ssh2Transport extends Transport {
  /** Asks for the host key; jump hosts are logged in to as usual. Problems: `HOST_UNREACHABLE`, `SSH_PROTOCOL`, and those of the jump hosts. */
  scanHostKey(target: SshTarget, signal?: AbortSignal): Promise<ScannedHostKey>;
}

/**
 * The transport that speaks SSH inside this process (ssh2). Verifies host keys against the target's known_hosts files, always.
 * A jump host is connected to once and shared by all connections that go through it. Connections that are open `ahead` are used.
 * Problems: see `Transport`; each names the node.
 */
export function createSsh2Transport(deps: SshDeps, ahead?: SocketsAhead): Ssh2Transport {
  const ring = createKeyRing();
  const hops = new Map<string, Hop>();

  /** Does `work` for the target, directly or through its jump hosts, and gives a jump host back once the link is gone. */
  const through = async (
    jumps: readonly SshTarget[],
    signal: AbortSignal,
    work: (hop: Hop | undefined) => Promise<Authenticated>,
  ): Promise<Authenticated> => {
    const hop = jumps.length === 0 ? undefined : takeHop(jumps);
    try {
      const link = await withRetries(deps, signal, () => work(hop));
      if (hop !== undefined) void link.gone.then(() => hop.release());
      return link;
    } catch (error) {
      hop?.release();
      throw error;
    }
  };

  const open = async (target: SshTarget, jumps: readonly SshTarget[], signal: AbortSignal): Promise<Authenticated> => {
    const keys = await ring.load(target.keys, target.passphrase);
    prepareAuthentication(target, keys); // a key that is of no use is told before anything is opened
    return await through(jumps, signal, async (hop) =>
      handshake(target, await socketTo(target, hop, signal, ahead), prepareAuthentication(target, keys), { clock: deps.clock, signal }),
    );
  };

  // its own deadline and no caller's signal, because others may go through it too
  const takeHop = (jumps: readonly SshTarget[]): Hop => {
    const last = jumps.at(-1) as SshTarget;
    const id = jumps.map((each) => `${each.user}@${each.address}:${each.port}`).join(" ");
    const kept = hops.get(id);
    const hop =
      kept ??
      createHop(
        last,
        beforeDeadline(last, undefined, (own) => open(last, jumps.slice(0, -1), own)),
        () => hops.delete(id),
      );
    if (kept === undefined) hops.set(id, hop);
    hop.take();
    return hop;
  };

  return {
    connect: (target, signal) =>
      beforeDeadline(target, signal, async (both) => createSsh2Connection(target, await open(target, target.jumps, both))),
    scanHostKey: (target, signal) =>
      beforeDeadline(target, signal, (both) =>
        scanWith(target, (login, judge) =>
          through(target.jumps, both, async (hop) =>
            handshake(target, await socketTo(target, hop, both, ahead), login, { clock: deps.clock, signal: both, judge }),
          ),
        ),
      ),
  };
}

/** Runs `work` with a signal that aborts at the target's deadline, or with the caller's signal. */
async function beforeDeadline<T>(
  target: SshTarget,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Deadline("deadline")), target.connectTimeoutMs);
  try {
    return await work(signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]));
  } catch (error) {
    if (!(error instanceof Deadline)) throw error;
    const way = target.jumps.map(where).join(", ");
    const via = way === "" ? "" : ` The way goes over ${way}, which may be what does not answer.`;
    throw unreachable(target, `No answer within ${target.connectTimeoutMs / 1000} s: it is down, or a firewall drops the packets.${via}`);
  } finally {
    clearTimeout(timer);
  }
}

function socketTo(target: SshTarget, hop: Hop | undefined, signal: AbortSignal, ahead: SocketsAhead | undefined): Promise<Duplex> {
  return hop === undefined ? openSocket(target, signal, ahead) : unlessAborted(hop.forward(target), signal);
}
