import type { Transport } from "../../ports.ts";
import type { SshDeps } from "./retry.ts";
import { createSocketsAhead, type Endpoint } from "./sockets-ahead.ts";
import type { Ssh2Transport } from "./ssh2-transport.ts";

/** An in-process transport that can be told what is coming. */
export interface LazySsh2Transport extends Ssh2Transport {
  /** Begins to load its code and to open TCP connections, for who is about to connect there and has other things to do first. */
  expect(places: readonly Endpoint[]): void;
}

/**
 * The in-process transport, whose code is loaded when something is connected to first: ssh2 with its ciphers costs every start some 25 ms, and
 * most commands never connect. Problems: as `createSsh2Transport`.
 */
export function lazySsh2Transport(deps: SshDeps): LazySsh2Transport {
  const ahead = createSocketsAhead();
  const transport = once(async () => (await import("./ssh2-transport.ts")).createSsh2Transport(deps, ahead));
  return {
    expect(places) {
      ahead.open(places);
      // Sockets begin to connect when this turn has ended, and loading takes one of its own. Who connects is told what is wrong.
      setImmediate(() => void transport().catch(() => undefined));
    },
    connect: async (target, signal) => await (await transport()).connect(target, signal),
    scanHostKey: async (target, signal) => await (await transport()).scanHostKey(target, signal),
  };
}

/** The transport over the system's `ssh`, loaded at first need too. Problems: as `createOpensshTransport`. */
export function lazyOpensshTransport(deps: SshDeps): Transport {
  const transport = once(async () => (await import("./openssh-transport.ts")).createOpensshTransport(deps));
  return { connect: async (target, signal) => await (await transport()).connect(target, signal) };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
