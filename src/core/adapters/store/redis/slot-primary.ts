import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOptions, connect as connectSafely } from "node:tls";
import { AbstractConnector, Redis, type RedisOptions } from "ioredis";
import type { RedisHost } from "./address.ts";

/** How often it is looked which server is the primary, ms. */
const lookMs = 1_000;
/** A server that says nothing for so long is not asked any further, ms. */
const answerWithinMs = 1_000;

type NetStream = Awaited<ReturnType<AbstractConnector["connect"]>>;

/** Who logs in, and how. */
interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
}

/** What a server of a Cluster knows. */
interface Knowledge {
  /** Who has the slot. */
  readonly primary: RedisHost;
  /** All servers that it may tell of. */
  readonly members: readonly RedisHost[];
}

/**
 * The server of a Cluster that has the slot of a key, whichever it is by now. A store lies in one slot, so one connection to this server does for it. A primary
 * that is frozen or cut off says nothing, and its connections stay open: others are asked then, and connections are broken when they name another one.
 */
export class SlotPrimary {
  /** The servers that are known; the first is taken for the primary. */
  #servers: readonly RedisHost[];
  /** The connection to whoever was asked last: the present primary is asked again and again. */
  #voice: { readonly server: string; readonly redis: Redis } | undefined;
  #finding: Promise<RedisHost> | undefined;
  #watching = false;
  readonly #streams = new Set<NetStream>();
  readonly #key: string;
  readonly #login: Login;

  /** `key` has the slot. */
  constructor(seeds: readonly RedisHost[], key: string, login: Login) {
    this.#servers = seeds;
    this.#key = key;
    this.#login = login;
  }

  /** Connects to the primary; where nobody answers, to some server, so that whoever connects learns why. `told` hears why a server could not be asked. */
  async connect(told: (error: Error) => void): Promise<NetStream> {
    const server = await this.#look(told);
    const { tls } = this.#login;
    const stream = tls === undefined ? connect(server) : connectSafely({ ...tls, ...server });
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    if (!this.#watching) void this.#watch();
    return stream;
  }

  /** The primary by now. Who asks while others do shares their answer. */
  async #look(told: (error: Error) => void): Promise<RedisHost> {
    this.#finding ??= this.#find(told).finally(() => (this.#finding = undefined));
    return await this.#finding;
  }

  async #find(told: (error: Error) => void): Promise<RedisHost> {
    for (const server of this.#servers) {
      try {
        this.#learn(await this.#ask(server));
        break;
      } catch (error) {
        told(error as Error);
      }
    }
    return this.#servers[0] as RedisHost;
  }

  #learn({ primary, members }: Knowledge): void {
    const others = new Map([...this.#servers, ...members].map((each) => [wordsOf(each), each]));
    others.delete(wordsOf(primary));
    // Those that were asked in vain last time are asked last.
    const [first, ...rest] = others.values();
    this.#servers = [primary, ...rest, ...(first === undefined ? [] : [first])];
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    for (;;) {
      await sleep(lookMs, undefined, { ref: false });
      if (this.#streams.size === 0) break;
      const [before] = this.#servers;
      const after = await this.#look(() => undefined);
      if (before === undefined || wordsOf(before) === wordsOf(after)) continue;
      // What was sent on them is sent again on the next ones.
      for (const stream of this.#streams) stream.destroy();
    }
    this.#watching = false;
    this.#fallSilent();
  }

  async #ask(server: RedisHost): Promise<Knowledge> {
    const redis = this.#speakTo(server);
    try {
      const primary = await redis.exists(this.#key).then(
        () => server,
        (error: unknown) => movedTo(error, server),
      );
      const members = await redis.cluster("SLOTS").then(
        (slots) => membersOf(slots, server),
        () => [], // who may not ask knows the servers of the address, and those it was sent to
      );
      return { primary, members };
    } catch (error) {
      this.#fallSilent();
      throw error;
    }
  }

  #speakTo(server: RedisHost): Redis {
    if (this.#voice?.server === wordsOf(server)) return this.#voice.redis;
    this.#fallSilent();
    const { username, password, tls } = this.#login;
    const redis = new Redis({
      ...server,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
      lazyConnect: true,
      enableReadyCheck: false,
      connectTimeout: answerWithinMs,
      commandTimeout: answerWithinMs,
      retryStrategy: () => null,
    });
    redis.on("error", () => undefined); // every request tells its own failure
    this.#voice = { server: wordsOf(server), redis };
    return redis;
  }

  #fallSilent(): void {
    this.#voice?.redis.disconnect();
    this.#voice = undefined;
  }
}

/** How the client library gets its connections. */
export function connectorTo(primary: SlotPrimary): NonNullable<RedisOptions["Connector"]> {
  return class SlotConnector extends AbstractConnector {
    constructor(options: unknown) {
      super((options as { readonly disconnectTimeout: number }).disconnectTimeout);
    }

    async connect(emit: (type: string, error: Error) => void): Promise<NetStream> {
      this.connecting = true;
      const stream = await primary.connect((error) => emit("error", error));
      if (!this.connecting) {
        stream.destroy();
        throw new Error("Connection is closed.");
      }
      this.stream = stream;
      stream.once("error", (error: Error) => (this.firstError = error));
      return stream;
    }
  };
}

/** `MOVED 3999 127.0.0.1:6381`: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#moved-redirection; without a host it is the one that was asked. */
function movedTo(error: unknown, asked: RedisHost): RedisHost {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/u.exec(error instanceof Error ? error.message : "") ?? [];
  if (port === undefined) throw error;
  return { host: host === undefined || host === "" ? asked.host : host, port: Number(port) };
}

/** `[[from, to, [endpoint, port, ...], [endpoint, port, ...]], ...]`: https://redis.io/docs/latest/commands/cluster-slots/. */
function membersOf(slots: unknown, asked: RedisHost): readonly RedisHost[] {
  const ranges = slots as readonly (readonly [number, number, ...(readonly [string | null, number])[]])[];
  return ranges.flatMap(([, , ...servers]) =>
    servers.flatMap(([host, port]) => (host === "?" ? [] : [{ host: host === null || host === "" ? asked.host : host, port }])),
  );
}

function wordsOf({ host, port }: RedisHost): string {
  return `${host} ${port}`;
}
