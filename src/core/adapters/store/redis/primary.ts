import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOptions, connect as connectSafely } from "node:tls";
import { AbstractConnector, Redis, type RedisOptions } from "ioredis";
import { fail } from "../../../errors.ts";
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

/** What a server knows. */
interface Knowledge {
  readonly primary: RedisHost;
  /** All servers that may be asked. */
  readonly members: readonly RedisHost[];
}

/** How servers are asked who is the primary. */
export interface Guide {
  readonly login: Login;
  /** Asks one of them. Who is asked first the next time is the one `next` names: by default who has answered. */
  ask(server: Redis, asked: RedisHost): Promise<Knowledge & { readonly next?: RedisHost }>;
  /** What tells a server from others, whatever it is called: the address may name it by its name, other servers by its number. Absent where all call it the same. */
  identify?(server: Redis): Promise<string | undefined>;
}

/**
 * The primary of several servers, whichever it is by now. One that is frozen or cut off says nothing, and its connections stay open: so others are asked
 * each second, and connections are broken when they name another one.
 */
export class Primary {
  /** Who can be asked; the first is asked first. */
  #servers: readonly RedisHost[];
  #present: RedisHost | undefined;
  /** The connection to whoever was asked last. */
  #voice: { readonly server: string; readonly redis: Redis } | undefined;
  #finding: Promise<RedisHost | undefined> | undefined;
  #watching = false;
  readonly #streams = new Set<NetStream>();
  readonly #guide: Guide;
  readonly #tls: ConnectionOptions | undefined;

  /** `servers` can be asked as `guide` says; `tls` is for connections to the primary. */
  constructor(servers: readonly RedisHost[], guide: Guide, tls: ConnectionOptions | undefined) {
    this.#servers = servers;
    this.#guide = guide;
    this.#tls = tls;
  }

  /** Connects to the primary; where nobody tells who that is, to the one that was, or to some server, so that whoever connects learns why. `told` hears why a server could not be asked. */
  async connect(told: (error: Error) => void): Promise<NetStream> {
    const server = (await this.#look(told)) ?? (this.#servers[0] as RedisHost);
    const stream = this.#tls === undefined ? connect(server) : connectSafely({ ...this.#tls, ...server });
    this.#streams.add(stream);
    stream.once("close", () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#fallSilent(); // it would keep the process
    });
    stream.once("error", () => this.#doubt());
    if (!this.#watching) void this.#watch();
    return stream;
  }

  /** Whether nobody says that another server is the primary than the one that was found last. All are asked: who has just taken its place knows that first. */
  async isUndisputed(): Promise<boolean> {
    const present = this.#present;
    if (present === undefined) return true;
    const others = this.#servers.filter((server) => wordsOf(server) !== wordsOf(present));
    const told = await Promise.all(others.map((server) => this.#once(server, (voice) => this.#guide.ask(voice, server))));
    const named = new Map(told.flatMap((each) => (each === undefined ? [] : [[wordsOf(each.primary), each.primary]])));
    named.delete(wordsOf(present));
    if (named.size === 0) return true;
    const { identify } = this.#guide;
    if (identify === undefined) return false;
    const [own, ...theirs] = await Promise.all([present, ...named.values()].map((server) => this.#once(server, identify)));
    return own !== undefined && theirs.every((each) => each === own);
  }

  /** Asks one server over a connection of its own; `undefined` where it says nothing. */
  async #once<T>(server: RedisHost, work: (voice: Redis) => Promise<T>): Promise<T | undefined> {
    const voice = this.#dial(server);
    return await work(voice)
      .catch(() => undefined)
      .finally(() => voice.disconnect());
  }

  /** The primary by now. Who asks while others do shares their answer. */
  async #look(told: (error: Error) => void): Promise<RedisHost | undefined> {
    this.#finding ??= this.#find(told).finally(() => (this.#finding = undefined));
    return await this.#finding;
  }

  async #find(told: (error: Error) => void): Promise<RedisHost | undefined> {
    for (const server of this.#servers) {
      try {
        const { primary, members, next = server } = await this.#ask(server);
        const all = new Map([...this.#servers, ...members].map((each) => [wordsOf(each), each]));
        all.delete(wordsOf(next));
        this.#servers = [next, ...all.values()];
        return (this.#present = primary);
      } catch (error) {
        told(error as Error);
      }
    }
    return this.#present;
  }

  /** Who named a primary that cannot be reached is asked last. */
  #doubt(): void {
    const [first, ...others] = this.#servers;
    if (first !== undefined) this.#servers = [...others, first];
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    for (;;) {
      await sleep(lookMs, undefined, { ref: false });
      if (this.#streams.size === 0) break;
      const before = this.#present;
      const after = await this.#look(() => undefined);
      if (before === undefined || after === undefined || wordsOf(before) === wordsOf(after)) continue;
      // What was sent on them is sent again on the next ones.
      for (const stream of this.#streams) stream.destroy();
    }
    this.#watching = false;
    this.#fallSilent();
  }

  async #ask(server: RedisHost): ReturnType<Guide["ask"]> {
    try {
      return await this.#guide.ask(this.#speakTo(server), server);
    } catch (error) {
      this.#fallSilent();
      throw error;
    }
  }

  #speakTo(server: RedisHost): Redis {
    if (this.#voice?.server === wordsOf(server)) return this.#voice.redis;
    this.#fallSilent();
    const redis = this.#dial(server);
    this.#voice = { server: wordsOf(server), redis };
    return redis;
  }

  #dial(server: RedisHost): Redis {
    const { username, password, tls } = this.#guide.login;
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
    return redis;
  }

  #fallSilent(): void {
    this.#voice?.redis.disconnect();
    this.#voice = undefined;
  }
}

/** How the client library gets its connections. */
export function connectorTo(primary: Primary): NonNullable<RedisOptions["Connector"]> {
  return class PrimaryConnector extends AbstractConnector {
    constructor(options: unknown) {
      super((options as { readonly disconnectTimeout: number }).disconnectTimeout);
    }

    /** What takes no writes is not what was looked for; the client connects anew then. */
    override check({ role }: { readonly role?: string }): boolean {
      return role !== "slave";
    }

    async connect(emit: (type: string, error: Error) => void): Promise<NetStream> {
      this.connecting = true;
      const stream = await primary.connect((error) => emit("error", error));
      if (!this.connecting) {
        stream.destroy();
        throw fail("STORE_UNAVAILABLE", { message: "The connection was closed by this process." });
      }
      this.stream = stream;
      stream.once("error", (error: Error) => (this.firstError = error));
      return stream;
    }
  };
}

/** In a Cluster the server is looked for that has the slot of a key; it knows best itself. */
export function slotGuide(key: string, login: Login): Guide {
  return {
    login,
    async ask(redis, asked) {
      const primary = await redis.exists(key).then(
        () => asked,
        (error: unknown) => movedTo(error, asked),
      );
      const members = await redis.cluster("SLOTS").then(
        (slots) => membersOf(slots, asked),
        () => [], // who may not ask knows the servers of the address, and those it was sent to
      );
      return { primary, members, next: primary };
    },
    identify: async (redis) => /^run_id:(\w+)/mu.exec(await redis.info("server"))?.[1],
  };
}

/** Sentinels are asked for the primary that they call `name`: https://redis.io/docs/latest/develop/reference/sentinel-clients/. */
export function sentinelGuide(name: string, login: Login): Guide {
  return {
    login,
    async ask(redis) {
      const [host, port] = ((await redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)) ?? []) as readonly string[];
      if (host === undefined) throw fail("STORE_UNAVAILABLE", { message: `The sentinels watch no primary that is called ${name}.` });
      const members = await redis.call("SENTINEL", "SENTINELS", name).then(sentinelsOf, () => []);
      return { primary: { host, port: Number(port) }, members };
    },
  };
}

/** `MOVED 3999 127.0.0.1:6381`: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#moved-redirection; without a host it is the one that was asked. */
function movedTo(error: unknown, asked: RedisHost): RedisHost {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/u.exec(error instanceof Error ? error.message : "") ?? [];
  if (port === undefined) throw error;
  return { host: host || asked.host, port: Number(port) };
}

/** `[[from, to, [endpoint, port, ...], [endpoint, port, ...]], ...]`: https://redis.io/docs/latest/commands/cluster-slots/. */
function membersOf(slots: unknown, asked: RedisHost): readonly RedisHost[] {
  const ranges = slots as readonly (readonly [number, number, ...(readonly [string | null, number])[]])[];
  return ranges.flatMap(([, , ...servers]) =>
    servers.flatMap(([host, port]) => (host === "?" ? [] : [{ host: host || asked.host, port }])),
  );
}

/** Each other sentinel as names and values in turn: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-commands. */
function sentinelsOf(reply: unknown): readonly RedisHost[] {
  return (reply as readonly (readonly string[])[]).flatMap((fields) => {
    const [host, port] = ["ip", "port"].map((name) => fields[fields.indexOf(name) + 1]);
    return host === undefined || port === undefined ? [] : [{ host, port: Number(port) }];
  });
}

function wordsOf({ host, port }: RedisHost): string {
  return `${host} ${port}`;
}
