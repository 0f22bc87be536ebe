import type { Client } from "ssh2";

/** Parts of ssh2 1.17 that its types do not tell: the packets of a connection, and who waits for the answers to global requests, in order. */
interface Inside {
  readonly _protocol: { ping(): void };
  readonly _callbacks: (() => void)[];
}

/** Asks the server for an answer (`keepalive@openssh.com`), behind everything that was written before. ssh2 has this too, but only at fixed intervals. */
export function pingOver(client: Client, answered: () => void): void {
  const { _protocol: protocol, _callbacks: waiting } = client as unknown as Inside;
  waiting.push(answered);
  protocol.ping();
}
