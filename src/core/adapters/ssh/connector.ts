import type { Connection, SshTarget, Transport } from "../../ports.ts";
import { unlessAborted } from "./retry.ts";

/** What a connector works with. */
export interface ConnectorOptions {
  readonly transport: Transport;
  /** Handshakes under way at the same time; each costs some milliseconds of computing on both sides. */
  readonly maxHandshakes: number;
}

/** Keeps one connection per node. */
export interface Connector {
  /**
   * The node's connection: the open one, the one being opened, or a new one. Problems: those of the transport. A caller whose signal aborts
   * stops waiting; the connection is made all the same, for the others.
   */
  connection(target: SshTarget, signal?: AbortSignal): Promise<Connection>;
  /** Closes a connection that nobody uses and whoever asked for it will not need; who asks for the node from now on gets another one. */
  letGo(connection: Connection): void;
  /** Closes all connections and refuses new ones. */
  end(): Promise<void>;
}

/** Makes a connector. */
export function createConnector({ transport, maxHandshakes }: ConnectorOptions): Connector {
  const kept = new Map<string, Promise<Connection>>();
  const forgetting = new WeakMap<Connection, () => void>();
  const closing = new Set<Promise<void>>();
  const ending = new AbortController();
  const waiting: (() => void)[] = [];
  let busy = 0;

  const handshake = async (target: SshTarget): Promise<Connection> => {
    if (busy >= maxHandshakes) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy++;
    try {
      ending.signal.throwIfAborted();
      return await transport.connect(target, ending.signal);
    } finally {
      // the place is handed on, so `busy` stays as it is when somebody waits
      const next = waiting.shift();
      if (next === undefined) busy--;
      else next();
    }
  };

  const open = (target: SshTarget, id: string): Promise<Connection> => {
    const opening = handshake(target);
    kept.set(id, opening);
    const forget = (): void => {
      if (kept.get(id) === opening) kept.delete(id);
    };
    opening
      .then((connection) => {
        forgetting.set(connection, forget);
        return connection.closed.then(forget);
      }, forget)
      .catch(() => undefined);
    return opening;
  };

  return {
    connection(target, signal) {
      if (ending.signal.aborted) return Promise.reject(ending.signal.reason as Error);
      const id = `${target.node} ${target.transport} ${target.user}@${target.address}:${target.port}`;
      return unlessAborted(kept.get(id) ?? open(target, id), signal);
    },
    letGo(connection) {
      forgetting.get(connection)?.();
      const closed = connection
        .close()
        .catch(() => undefined) // it is of no use to anybody, however it ends
        .finally(() => closing.delete(closed));
      closing.add(closed);
    },
    async end() {
      ending.abort(new DOMException("The connector has ended.", "AbortError"));
      const all = await Promise.allSettled(kept.values());
      await Promise.all(all.map((each) => (each.status === "fulfilled" ? each.value.close() : undefined)));
      await Promise.all(closing);
    },
  };
}

/** A transport that hands each target to the one that its cluster file names. */
export function createSshTransport(transports: Readonly<Record<SshTarget["transport"], Transport>>): Transport {
  return { connect: (target, signal) => transports[target.transport].connect(target, signal) };
}
