import { connect, type Socket } from "node:net";
import type { SshTarget } from "../../ports.ts";

/** Where a TCP connection goes. */
export type Endpoint = Pick<SshTarget, "address" | "port">;

/** TCP connections that are opened before their handshakes begin. A server has work of its own by then: it starts a process for each. */
export interface SocketsAhead {
  /** Opens a connection to each place that has none yet. What goes wrong is told to whoever connects then. */
  open(places: readonly Endpoint[]): void;
  /** A connection to that place, open or being opened, that is the caller's from now on; `undefined` where there is none. */
  take(place: Endpoint): Socket | undefined;
}

/** Begins to open a TCP connection. An error is for whoever listens; without any listener, as between the opening and the handshake, it would end the process. */
export function dial({ address, port }: Endpoint): Socket {
  return connect({ host: address, port, noDelay: true }).on("error", () => undefined);
}

/** How long a connection waits to be taken, ms: servers give a login two minutes, and a handshake that begins later can as well open its own. */
const keptMs = 5_000;

/** Makes a place for such connections. They do not keep the process. */
export function createSocketsAhead(): SocketsAhead {
  const kept = new Map<string, Socket>();
  const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

  const openOne = (place: Endpoint): void => {
    const key = keyOf(place);
    if (kept.has(key)) return;
    const socket = dial(place).unref();
    kept.set(key, socket);
    const forget = (): void => {
      if (kept.get(key) !== socket) return;
      kept.delete(key);
      socket.destroy();
    };
    socket.once("close", forget);
    setTimeout(forget, keptMs).unref();
  };

  return {
    open: (places) => places.forEach(openOne),
    take(place) {
      const key = keyOf(place);
      const socket = kept.get(key);
      kept.delete(key);
      return socket?.ref();
    },
  };
}
