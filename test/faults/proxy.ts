import { createServer, type Server, type Socket, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a link does to what passes. */
export interface Weather {
  /** Added to every piece, each way, ms. */
  readonly delayMs?: number;
  /** Bytes a second, each way. */
  readonly bytesPerSecond?: number;
  /** Nothing passes: what is sent waits, new connections are taken and stay silent. */
  readonly hole?: true;
  /** New connections are reset. */
  readonly refuses?: true;
}

/** A TCP link between two real programs that a test can spoil. */
export interface Proxy {
  readonly port: number;
  /** Connections that are open through it. */
  readonly open: number;
  /** Changes what happens from now on, also to connections that are open. */
  set(weather: Weather): void;
  /** Resets all connections on both sides. */
  reset(): void;
  /** Cuts one side off without the other hearing of it, as a crash or a firewall's lost state does: that side stays open, and nothing comes any more. */
  halfOpen(deaf: "client" | "server"): void;
  close(): Promise<void>;
}

/** Opens a link on 127.0.0.1 to `host:port`. */
export async function openProxy(host: string, port: number): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let weather: Weather = {};
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    if (weather.refuses === true) return void client.resetAndDestroy();
    const pair = new Pair(client, connect({ host, port, allowHalfOpen: true }), () => weather);
    pairs.add(pair);
    void pair.gone.then(() => pairs.delete(pair));
  });
  await listening(server);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get open() {
      return pairs.size;
    },
    set: (next) => void (weather = next),
    reset: () => pairs.forEach((pair) => pair.reset()),
    halfOpen: (deaf) => pairs.forEach((pair) => pair.halfOpen(deaf)),
    async close() {
      pairs.forEach((pair) => pair.reset());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
}

/** The two sockets of one connection. */
class Pair {
  readonly gone: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  #deaf = false;

  constructor(client: Socket, server: Socket, weather: () => Weather) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) socket.setNoDelay(true).on("error", () => undefined);
    const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));
    // A socket that broke breaks the other side too, unless that one is not to hear of it.
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.once("close", (hadError) => (this.#deaf ? undefined : hadError ? other.resetAndDestroy() : other.end()));
    this.gone = Promise.all([closed(client), closed(server)]);
    void carry(client, server, weather, () => this.#deaf);
    void carry(server, client, weather, () => this.#deaf);
  }

  reset(): void {
    for (const socket of [this.#client, this.#server]) socket.resetAndDestroy();
  }

  halfOpen(deaf: "client" | "server"): void {
    this.#deaf = true;
    (deaf === "client" ? this.#server : this.#client).destroy();
  }
}

/** How long a piece of a slow link is, ms. */
const sliceMs = 50;
const lookMs = 20;

/** Carries bytes one way, as the weather lets it. Delay does not add up: what comes behind waits only for its own time. */
async function carry(from: Socket, to: Socket, weather: () => Weather, deaf: () => boolean): Promise<void> {
  const line: { readonly bytes: Buffer; readonly due: number }[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  from.on("data", (bytes: Buffer) => {
    if (deaf()) return;
    line.push({ bytes, due: performance.now() + (weather().delayMs ?? 0) });
    if (line.length > 64) from.pause();
    wake();
  });
  from.once("end", () => ((ended = true), wake()));
  from.once("close", () => ((ended = true), wake()));
  from.resume();
  for (;;) {
    const next = line.shift();
    if (next === undefined) {
      if (ended || to.destroyed) break;
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    if (line.length < 32) from.resume();
    for (;;) {
      const waitMs = next.due - performance.now();
      if (to.destroyed || (waitMs <= 0 && weather().hole !== true)) break;
      await sleep(Math.max(1, Math.min(waitMs, lookMs), weather().hole === true ? lookMs : 0));
    }
    await pass(next.bytes, to, weather);
  }
  if (!deaf()) to.end();
}

async function pass(bytes: Buffer, to: Socket, weather: () => Weather): Promise<void> {
  for (let sent = 0; sent < bytes.length && !to.destroyed; ) {
    const rate = weather().bytesPerSecond;
    const piece =
      rate === undefined ? bytes.subarray(sent) : bytes.subarray(sent, sent + Math.max(1, Math.round((rate * sliceMs) / 1_000)));
    const roomy = to.write(piece);
    sent += piece.length;
    if (rate !== undefined) await sleep(sliceMs);
    else if (!roomy) await new Promise<void>((resolve) => void to.once("drain", resolve).once("close", () => resolve()));
  }
}
