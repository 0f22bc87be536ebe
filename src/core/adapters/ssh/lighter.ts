import { createSecretKey } from "node:crypto";
import type { Duplex } from "node:stream";

/**
 * Hands what is written in one turn of the event loop to the system in one call. ssh2 writes each packet in three pieces, and a command takes several
 * packets: without this, sending them is a tenth of an engine's computing time, and wakes the other side each time. `wrote` hears how many bytes it was.
 */
export function writeTogether(socket: Duplex, wrote: (bytes: number) => void = () => undefined): void {
  const write = socket.write.bind(socket);
  let corked = false;
  const release = (): void => {
    corked = false;
    socket.uncork();
  };
  const later = (...args: Parameters<typeof write>): boolean => {
    wrote((args[0] as Uint8Array).length);
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(release);
    }
    return write(...args);
  };
  socket.write = later as typeof socket.write;
}

/** Fields in which ssh2 1.17 keeps keys that it hands to `node:crypto` for every packet. */
const keyFields = ["_encKey", "_decipherKey", "_macKey"];

/**
 * Turns a connection's keys into key objects, once: Node makes one of a plain key for every packet, which costs four times as much as the packet's cipher.
 * Call it when a key exchange has ended. What is not as expected is left as it is.
 */
export function keepKeysReady(client: object): void {
  const protocol = fieldOf(client, "_protocol");
  for (const way of [fieldOf(protocol, "_cipher"), fieldOf(protocol, "_decipher")]) {
    if (way === undefined) continue;
    for (const name of keyFields) {
      const key: unknown = Reflect.get(way, name);
      if (Buffer.isBuffer(key)) Reflect.set(way, name, createSecretKey(key));
    }
  }
}

function fieldOf(object: object | undefined, name: string): object | undefined {
  const value: unknown = object === undefined ? undefined : Reflect.get(object, name);
  return typeof value === "object" && value !== null ? value : undefined;
}
