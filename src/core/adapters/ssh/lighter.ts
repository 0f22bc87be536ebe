import { createSecretKey, randomFillSync } from "node:crypto";
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

/** Makes a connection cheaper to write to and to keep. Call it when a key exchange has ended. What is not as expected is left as it is. */
export function lighten(client: object): void {
  keepKeysReady(client);
  makePackets(client);
  keepLittle(client);
  forgetExchange(client);
}

/**
 * Turns a connection's keys into key objects, once: Node makes one of a plain key for every packet, which costs four times as much as the packet's cipher.
 */
function keepKeysReady(client: object): void {
  const protocol = fieldOf(client, "_protocol");
  for (const way of [fieldOf(protocol, "_cipher"), fieldOf(protocol, "_decipher")]) {
    if (way === undefined) continue;
    for (const name of keyFields) {
      const key: unknown = Reflect.get(way, name);
      if (Buffer.isBuffer(key)) Reflect.set(way, name, createSecretKey(key));
    }
  }
}

/** What a packet's payload is preceded by: its length, and that of the padding (RFC 4253, section 6). */
const headBytes = { length: 4, padding: 1 };
/** Payload and padding fill whole blocks of AES; there are never fewer bytes of padding than that (RFC 4253, section 6, and RFC 5647, section 7.2). */
const blockBytes = 16;
const leastPadding = 4;

/** Random bytes ahead: asking for the few of each packet costs as much as encrypting it. Each is used once. */
const ahead = { bytes: Buffer.alloc(8_192), used: 8_192 };

function padding(bytes: number): Buffer {
  if (ahead.used + bytes > ahead.bytes.length) {
    randomFillSync(ahead.bytes);
    ahead.used = 0;
  }
  ahead.used += bytes;
  return ahead.bytes.subarray(ahead.used - bytes, ahead.used);
}

/** Greater packets than this are no parts of Node's shared buffers; each would have memory of its own, which is only given back with the heap's next collection. */
const pooledBytes = 4_096;
/** Room for one unencrypted packet, which is encrypted into other memory as soon as it is complete: before there is another one, whatever the connection. */
let room = Buffer.alloc(0);

function roomFor(bytes: number): Buffer {
  if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes);
  return room.subarray(0, bytes);
}

/** An unencrypted packet of AES-GCM with room for its payload, as ssh2 1.17 wants it. */
function allocatePacket(payloadBytes: number): Buffer {
  const odd = (headBytes.padding + payloadBytes) % blockBytes;
  const least = blockBytes - odd;
  const padded = least < leastPadding ? least + blockBytes : least;
  const start = headBytes.length + headBytes.padding + payloadBytes;
  const packet = start + padded > pooledBytes ? roomFor(start + padded) : Buffer.allocUnsafe(start + padded);
  packet.writeUInt32BE(packet.length - headBytes.length, 0);
  packet[headBytes.length] = padded;
  padding(padded).copy(packet, start);
  return packet;
}

/**
 * Has a connection's packets padded from random bytes that were made ahead, and large ones made in one place. Only of AES-GCM, whose packets have this shape; others stay as
 * they are.
 */
function makePackets(client: object): void {
  const cipher = fieldOf(fieldOf(client, "_protocol"), "_cipher");
  if (cipher?.constructor.name !== "AESGCMCipherNative") return;
  const write: unknown = Reflect.get(cipher, "_onWrite");
  if (typeof write !== "function") return;
  // The length goes out as it stands in the packet, and later than the next packet may be made.
  const writeOwn = (bytes: Buffer): void =>
    void Reflect.apply(write, undefined, [bytes.buffer === room.buffer ? Buffer.from(bytes) : bytes]);
  Reflect.set(cipher, "_onWrite", writeOwn);
  Reflect.set(cipher, "allocPacket", allocatePacket);
}

/** What connections offer in key exchanges, by its bytes: mostly the same for all of them. */
const offers = new Map<string, object>();
/** Of host keys that are pinned there are few combinations; more than this is not kept, whatever servers show. */
const mostOffers = 64;

/**
 * Lets connections that offer the same algorithms have one object for that, which ssh2 only reads, and the server's greeting as bytes of its own: both are small parts of
 * Node's shared buffers, which thousands of connections would keep whole.
 */
function keepLittle(client: object): void {
  const protocol = fieldOf(client, "_protocol");
  const offer = fieldOf(protocol, "_offer");
  const bytes = fieldOf(fieldOf(offer, "lists"), "all");
  if (protocol !== undefined && offer !== undefined && Buffer.isBuffer(bytes)) {
    const key = bytes.toString("latin1");
    if (!offers.has(key) && offers.size < mostOffers) offers.set(key, offer);
    Reflect.set(protocol, "_offer", offers.get(key) ?? offer);
  }
  const greeting = fieldOf(protocol, "_remoteIdentRaw");
  if (protocol !== undefined && Buffer.isBuffer(greeting)) {
    const own = Buffer.allocUnsafeSlow(greeting.length);
    greeting.copy(own);
    Reflect.set(protocol, "_remoteIdentRaw", own);
  }
}

/** Lets the key pair of an exchange that is over go: it was made for that one alone. ssh2 makes another one for the next. */
function forgetExchange(client: object): void {
  const exchange = fieldOf(fieldOf(client, "_protocol"), "_kex");
  if (exchange !== undefined && Reflect.has(exchange, "_keys")) Reflect.set(exchange, "_keys", null);
}

function fieldOf(object: object | undefined, name: string): object | undefined {
  const value: unknown = object === undefined ? undefined : Reflect.get(object, name);
  return typeof value === "object" && value !== null ? value : undefined;
}
