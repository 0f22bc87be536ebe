import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { fail } from "../../../errors.ts";
import type { Secret } from "../../../ports.ts";
import { fileFault } from "../file-faults.ts";
import { type RedisAddress, shownAddress } from "./address.ts";
import { redisFault } from "./faults.ts";
import { replicated } from "./replicated.ts";
import { connectorTo, type Guide, Primary, sentinelGuide, slotGuide } from "./primary.ts";

/** How long one request may go without an answer, ms: a failover or a restart takes less, a person waits no longer. */
const answerWithinMs = 15_000;

/** How long opening may take, ms. */
const openWithinMs = 6_000;

/** How long a reader waits for something new in one request, ms. */
export const blockMs = 5_000;

/** How a server says that it takes no writes since it is not, or perhaps not, the primary; scripts of older servers say it in the middle. */
const notPrimary = /(?:^|: -)(?:READONLY|NOREPLICAS)\b/u;

/** How a server of a Cluster says that another one has the slot, or nobody for now: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
const notOfCluster = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/u;

/** What the client says where nothing came in time. */
const timedOut = "Command timed out";

/** What scripts answer: texts, and lists of them. */
export type Reply = string | null | readonly Reply[];

/** One connection to Redis: of several servers, to the primary. Every call rejects with a coded error. */
export interface RedisClient {
  /** The address as it may be shown. */
  readonly where: string;
  /** A key of this store; all of them live in one hash slot. */
  key(...parts: readonly string[]): string;
  /** Runs a script. An attempt's id, for scripts that want one, is part of `keys` (`attempt()`). */
  run(script: string, keys: readonly string[], args: readonly (string | number | Uint8Array)[]): Promise<Reply>;
  /** As `run`, for scripts that change something and bear being run again: resolves when the change is as safe as the server's settings ask for. */
  change(script: string, keys: readonly string[], args: readonly (string | number | Uint8Array)[]): Promise<Reply>;
  /**
   * Resolves with what `work` reads when that is as safe as `change` makes changes: nobody is told of an event that may be gone in the next moment.
   * What `isNothing` is safe by itself.
   */
  follow<T>(work: () => Promise<T>, isNothing: (answer: T) => boolean): Promise<T>;
  /** As `follow`, but where no replica can say so, what is read is given after a while as it is. */
  look<T>(work: () => Promise<T>): Promise<T>;
  /** A key that is new with every call: under it a script keeps its answer. */
  attempt(): string;
  /** One plain command that changes nothing. */
  ask(command: string, ...args: readonly (string | number)[]): Promise<Reply>;
  /** As `ask`, but the answer is bytes. */
  bytes(command: string, ...args: readonly (string | number)[]): Promise<Uint8Array>;
  /** Waits at most so long for a first answer. */
  greet(withinMs: number): Promise<void>;
  /** Another connection to the same place, for requests that wait. */
  second(): RedisClient;
  close(): void;
}

/**
 * Connects to Redis. What was sent when a connection broke is sent again on the next one, so every change must bear being sent twice.
 * @throws `STORE_ADDRESS` for files that cannot be read, `STORE_UNAVAILABLE`.
 */
export async function connectRedis(address: RedisAddress, password: Secret | undefined): Promise<RedisClient> {
  const options = await optionsOf(address, password);
  const client = clientOn(address, options);
  try {
    // A wrong address is told soon; who has the store open waits longer, for a restart or a failover.
    await client.greet(openWithinMs);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A connection for a library that speaks with Redis itself; whoever asks closes it. @throws `STORE_ADDRESS` for files that cannot be read. */
export async function openConnection(address: RedisAddress, password: Secret | undefined): Promise<Redis> {
  return connectionTo(address, await optionsOf(address, password)).redis;
}

/** How the keys of a store begin: the braces keep all of them in one hash slot. */
export function keyPrefix({ site }: RedisAddress): string {
  return `{halligan:${site}}`;
}

type Options = Awaited<ReturnType<typeof optionsOf>>;

async function optionsOf({ kind, user, passwordFile, tls, database }: RedisAddress, password: Secret | undefined) {
  const file = async (path: string): Promise<string> =>
    await readFile(path, "utf8").catch((error: unknown) => {
      throw fail("STORE_ADDRESS", {
        message: `The file ${path}, which the address of the store names, cannot be read.`,
        error: fileFault(error, path),
      });
    });
  const secret = passwordFile === undefined ? password?.reveal() : (await file(passwordFile)).replace(/\r?\n$/u, "");
  const { ca, cert, key } = tls ?? {};
  return {
    db: database,
    ...(user !== undefined && { username: user }),
    ...(secret !== undefined && { password: secret }),
    ...(tls !== undefined && {
      tls: {
        ...(ca !== undefined && { ca: await file(ca) }),
        ...(cert !== undefined && { cert: await file(cert) }),
        ...(key !== undefined && { key: await file(key) }),
      },
    }),
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: answerWithinMs,
    keepAlive: 10_000,
    // Without an end of its own a request is bounded by commandTimeout alone, so that it outlives a restart of the server.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
    // A primary that became a replica, or that lost its replicas to another one: connect anew, which finds the new primary, and send it again.
    reconnectOnError: ({ message }: Error): 2 | false =>
      notPrimary.test(message) || (kind === "cluster" && notOfCluster.test(message)) ? 2 : false,
  };
}

function clientOn(address: RedisAddress, options: Options): RedisClient {
  const where = shownAddress(address);
  let refused: Error | undefined;
  const { redis, isUndisputed } = connectionTo(address, {
    ...options,
    reconnectOnError(error) {
      const again = options.reconnectOnError(error);
      if (again !== false) refused = error;
      return again;
    },
  });
  const prefix = keyPrefix(address);
  const safely = replicated(redis, { where, marker: `${prefix}:marker`, withinMs: answerWithinMs, isUndisputed });
  // Every request tells its own failure; without a listener a lost connection would end the process.
  let lately: Error | undefined;
  redis.on("error", (error: Error) => (lately = error));
  redis.on("ready", () => (lately = undefined));
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      // That nothing came in time says less than why there was no connection meanwhile.
      throw redisFault(error instanceof Error && error.message === timedOut ? (lately ?? refused ?? error) : error, where);
    }
  };
  const evaluate = async (script: string, given: readonly (string | Buffer | number)[], keys: number): Promise<Reply> => {
    try {
      return (await redis.evalsha(sha(script), keys, ...given)) as Reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return (await redis.eval(script, keys, ...given)) as Reply;
    }
  };
  const run = async (script: string, keys: readonly string[], args: readonly (string | number | Uint8Array)[]): Promise<Reply> => {
    const given = [...keys, ...args.map((each) => (each instanceof Uint8Array ? Buffer.from(each) : each))];
    const answer = await evaluate(script, given, keys.length);
    refused = undefined;
    return answer;
  };

  return {
    where,
    key: (...parts) => [prefix, ...parts].join(":"),
    attempt: () => `${prefix}:attempt:${randomUUID()}`,
    run: (script, keys, args) => guarded(() => run(script, keys, args)),
    change: (script, keys, args) => guarded(() => safely.change(() => run(script, keys, args))),
    follow: (work, isNothing) => guarded(() => safely.follow(work, isNothing)),
    look: (work) => guarded(() => safely.look(work)),
    ask: (command, ...args) => guarded(async () => (await redis.call(command, ...args.map(String))) as Reply),
    bytes: (command, ...args) => guarded(async () => (await redis.callBuffer(command, ...args.map(String))) as Uint8Array),
    greet: (withinMs) =>
      guarded(async () => {
        const given = new AbortController();
        const late = sleep(withinMs, undefined, { signal: given.signal }).then(() => Promise.reject(new Error(timedOut)));
        await Promise.race([redis.ping(), late]).finally(() => {
          late.catch(() => {}); // nobody waits any more
          given.abort();
        });
      }),
    second: () => clientOn(address, options),
    close: () => redis.disconnect(),
  };
}

/** A connection, and how the other servers are asked whether it goes to the primary. */
interface Wired {
  readonly redis: Redis;
  isUndisputed(): Promise<boolean>;
}

function connectionTo(address: RedisAddress, options: Options): Wired {
  const { kind, hosts, primary: name } = address;
  const toPrimary = (guide: Guide): Wired => {
    const primary = new Primary(hosts, guide, options.tls);
    return { redis: new Redis({ ...options, Connector: connectorTo(primary) }), isUndisputed: () => primary.isUndisputed() };
  };
  switch (kind) {
    case "server":
      return { redis: new Redis({ ...options, ...hosts[0] }), isUndisputed: () => Promise.resolve(true) };
    case "sentinel":
      // Sentinels are asked without a password; they have one of their own, if any.
      return toPrimary(sentinelGuide(name ?? "", { ...(options.tls !== undefined && { tls: options.tls }) }));
    case "cluster":
      return toPrimary(slotGuide(`${keyPrefix(address)}:layout`, options));
    default:
      return kind satisfies never;
  }
}

const shas = new Map<string, string>();

function sha(script: string): string {
  let known = shas.get(script);
  if (known === undefined) shas.set(script, (known = createHash("sha1").update(script).digest("hex")));
  return known;
}
