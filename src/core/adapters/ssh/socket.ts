import type { Socket } from "node:net";
import { fail, type HalliganError } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { where } from "./host-key-verdict.ts";
import { messageOf } from "./known-hosts.ts";
import { dial, type SocketsAhead } from "./sockets-ahead.ts";

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens on that port (connection refused).",
  EHOSTUNREACH: "There is no route to the host, or it does not answer on its network (host unreachable).",
  ENETUNREACH: "There is no route to its network (network unreachable).",
  ETIMEDOUT: "The host did not answer (timed out): it is down, or a firewall drops the packets.",
  ENOTFOUND: "The name does not resolve to an address.",
  EAI_AGAIN: "The name could not be resolved: no name server answered.",
  ECONNRESET: "The connection was reset by the other side.",
  EACCES: "The local firewall or sandbox forbids the connection.",
  EADDRNOTAVAIL: "No local address or port is left for the connection.",
  EMFILE: "This process has too many open files; raise `ulimit -n`.",
};

/** Opens a TCP connection, or takes one that was opened ahead. Problem: `HOST_UNREACHABLE`. Rejects with the signal's reason when it aborts first. */
export function openSocket(target: SshTarget, signal: AbortSignal, ahead?: SocketsAhead): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = ahead?.take(target) ?? dial(target);
    if (!socket.connecting) {
      resolve(socket);
      return;
    }
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const onError = (error: Error): void => {
      signal.removeEventListener("abort", onAbort);
      reject(unreachable(target, socketCause(error), error));
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("error", onError);
      resolve(socket);
    });
  });
}

/** A plain sentence for a socket error. */
export function socketCause(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return causes[code] ?? (messageOf(error) || code);
}

/** `HOST_UNREACHABLE` for this target. */
export function unreachable(target: SshTarget, cause: string, error?: unknown): HalliganError {
  const way = target.jumps.length === 0 ? "" : `-J ${target.jumps.map((hop) => `${hop.user}@${where(hop)}`).join(",")} `;
  return fail("HOST_UNREACHABLE", {
    message: `${target.node} cannot be reached at ${where(target)}.`,
    cause,
    at: { node: target.node },
    hint: `Check that the machine is up and that the address is right: \`ssh -v ${way}-p ${target.port} ${target.user}@${target.address}\`.`,
    error,
  });
}

/** `SSH_PROTOCOL` for a server that accepted the connection and was silent until the deadline. */
export function saidNothing(target: SshTarget): HalliganError {
  return fail("SSH_PROTOCOL", {
    message: `${target.node} accepts connections at ${where(target)}, but said nothing in SSH within ${target.connectTimeoutMs / 1000} s.`,
    cause: "Its SSH server hangs (out of memory or processes), or another service listens there.",
    at: { node: target.node },
  });
}
