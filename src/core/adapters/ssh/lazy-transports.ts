import type { Transport } from "../../ports.ts";
import type { SshDeps } from "./retry.ts";
import type { Ssh2Transport } from "./ssh2-transport.ts";

/**
 * The in-process transport, whose code is loaded when something is connected to first: ssh2 with its ciphers costs every start some 40 ms, and
 * most commands never connect. Problems: as `createSsh2Transport`.
 */
export function lazySsh2Transport(deps: SshDeps): Ssh2Transport {
  const transport = once(async () => (await import("./ssh2-transport.ts")).createSsh2Transport(deps));
  return {
    connect: async (target, signal) => await (await transport()).connect(target, signal),
    scanHostKey: async (target, signal) => await (await transport()).scanHostKey(target, signal),
  };
}

/** Begins to load the in-process transport, for who is about to connect and has other things to do first. */
export function preloadSsh2(): void {
  import("./ssh2-transport.ts").catch(() => undefined); // who connects is told what is wrong
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
