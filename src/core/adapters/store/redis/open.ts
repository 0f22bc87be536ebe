import { fail } from "../../../errors.ts";
import type { Clock, DocPart, Json, Position, Secret, Store, StoredEvent } from "../../../ports.ts";
import { follow } from "../follow.ts";
import { pagesWith } from "../pages.ts";
import type { State } from "../state.ts";
import { readRedisAddress } from "./address.ts";
import { connectRedis, type RedisClient } from "./client.ts";
import { docsOn } from "./docs.ts";
import { journalOn } from "./journal.ts";
import { leasesOn } from "./leases.ts";
import { logsOn } from "./logs.ts";
import { readPersistence } from "./persistence.ts";
import { snapshotsOn } from "./snapshots.ts";
import { openTail } from "./tail.ts";

/** The layout of the keys; grows when it changes. */
const layout = "1";

/** Settings of a store on Redis beside its address. */
export interface RedisStoreOptions {
  /** Used where the address names no password file. */
  readonly password?: Secret;
  /** Stamps events and judges leases; the server's clock by default. */
  readonly clock?: Pick<Clock, "now">;
}

/**
 * Opens the store on Redis that an address names (`readRedisAddress`), with the logs beside it. Any number of processes on any number of machines may have it open.
 * How safe an append is that has resolved depends on the server's settings: `about` tells.
 * @throws `STORE_ADDRESS`, `STORE_NEWER`, `STORE_UNAVAILABLE`, `STORE_FULL`.
 */
export async function openRedisState(url: string, { password, clock }: RedisStoreOptions = {}): Promise<State> {
  const client = await connectRedis(readRedisAddress(url), password);
  try {
    await refuseOtherLayout(client);
    return {
      store: storeOn(client, clock),
      logs: logsOn(client),
      snapshots: snapshotsOn(client),
      about: async () => ({ kind: "redis", where: client.where, ...(await readPersistence(client)) }),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function refuseOtherLayout(client: RedisClient): Promise<void> {
  const key = client.key("layout");
  await client.ask("SET", key, layout, "NX");
  const found = await client.ask("GET", key);
  if (found === layout) return;
  throw fail("STORE_NEWER", {
    message: `The store ${client.where} has layout ${String(found)}; this version of Halligan knows ${layout}.`,
  });
}

function storeOn(client: RedisClient, clock: Pick<Clock, "now"> | undefined): Store {
  const [journal, docs, leases] = [journalOn(client, clock), docsOn(client), leasesOn(client, clock)];
  const tail = openTail(client, (known) => journal.end(known));
  let closed = false;

  const open = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw fail("STORE_UNAVAILABLE", { message: `The store ${client.where} was closed by this process.` });
    return await work();
  };

  return {
    append: (stream, events, options = {}) => open(() => journal.append(stream, events, options)),
    read: ({ stream, after = 0, limit = 1000 }) =>
      open(async () =>
        stream === undefined ? (await journal.readAll(after, limit)).events : await journal.readStream(stream, after, limit),
      ),
    head: () => open(() => journal.head()),
    subscribe: (query) => {
      let last: StoredEvent | undefined;
      const page = pagesWith((after, limit) => journal.followAll(after, limit, last));
      const trouble = tail.observe();
      const untroubled = async (after: Position): Promise<readonly StoredEvent[]> => {
        const found = trouble();
        if (found !== undefined) throw found;
        const events = await page(after);
        last = events.at(-1) ?? last;
        return events;
      };
      return follow({ page: untroubled, nudge: tail, closed: () => closed, readAhead: true }, query);
    },
    get: <T extends Json>(collection: string, key: string) => open(() => docs.get<T>(collection, key)),
    list: <T extends Json>(collection: string, prefix = "", part?: DocPart) => open(() => docs.list<T>(collection, prefix, part)),
    keys: (collection) => open(() => docs.keys(collection)),
    put: (collection, key, value, rev) => open(() => docs.put(collection, key, value, rev)),
    delete: (collection, key, rev) => open(() => docs.delete(collection, key, rev)),
    trim: (stream) => open(() => journal.trim(stream)),
    compact: () => open(async () => {}), // the server frees memory by itself
    acquire: (lease, owner, ttlMs) => open(() => leases.acquire(lease, owner, ttlMs)),
    holder: (lease) => open(() => leases.holder(lease)),
    release: (lease) => open(() => leases.release(lease)),
    async close() {
      closed = true;
      tail.close();
      client.close();
    },
  };
}
