import type { LogName } from "../../../ports.ts";
import { pagesWith } from "../pages.ts";
import { notEmpty, type Snapshots, type StateRecord } from "../snapshot.ts";
import type { RedisClient } from "./client.ts";
import { readRow } from "./docs.ts";
import { journalOn } from "./journal.ts";
import { logKey } from "./logs.ts";
import { texts } from "./replies.ts";
import { restoreScript } from "./scripts.ts";

const batchRecords = 200;
const batchBytes = 4 * 1024 * 1024;

/** Copies of a store on Redis, logs included. */
export function snapshotsOn(client: RedisClient): Snapshots {
  return {
    dump: () => dump(client),
    leases: () => leaseNames(client),
    async restore(records) {
      if (Number(await client.ask("EXISTS", ...["events", "collections", "leases"].map((name) => client.key(name)))) > 0)
        throw notEmpty(client.where);
      let batch: (string | Uint8Array)[] = [];
      let bytes = 0;
      const flush = async (): Promise<void> => {
        if (batch.length > 0) await client.run(restoreScript, [client.attempt(), client.key("restore")], batch);
        [batch, bytes] = [[], 0];
      };
      for await (const record of records) {
        const fields = fieldsOf(record);
        batch.push(...fields);
        bytes += fields.reduce((sum, each) => sum + each.length, 0);
        if (batch.length >= batchRecords * 7 || bytes >= batchBytes) await flush();
      }
      await flush();
    },
  };
}

/** A record as the script takes it: its kind and six texts. */
function fieldsOf(record: StateRecord): readonly (string | Uint8Array)[] {
  switch (record.kind) {
    case "event": {
      const { position, stream, version, type, at, data } = record;
      return ["event", String(position), stream, String(version), type, String(at), JSON.stringify(data)];
    }
    case "command":
      return ["command", record.stream, record.id, String(record.version), String(record.position), "", ""];
    case "document": {
      const row = record.value === undefined ? String(record.rev) : `${record.rev}:${JSON.stringify(record.value)}`;
      return ["document", record.collection, record.key, row, "", "", ""];
    }
    case "lease":
      return ["lease", record.name, String(record.token), "", "", "", ""];
    case "log":
      return ["log", logKey(record), Buffer.from(record.base64, "base64"), "", "", "", ""];
    default:
      return record satisfies never;
  }
}

async function* dump(client: RedisClient): AsyncGenerator<StateRecord> {
  const journal = journalOn(client, undefined);
  const pages = pagesWith((after, limit) => journal.readAll(after, limit));
  const streams = new Set<string>();
  for (let after = 0; ; ) {
    const page = await pages(after);
    for (const event of page) {
      streams.add(event.stream);
      yield { kind: "event", ...event };
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.position;
  }
  for (const stream of inOrder(streams)) {
    for (const [id, place] of pairs(texts(await client.ask("HGETALL", client.key("commands", stream))))) {
      const [version = 0, position = 0] = place.split(" ").map(Number);
      yield { kind: "command", stream, id, version, position };
    }
  }
  for (const collection of inOrder(texts(await client.ask("SMEMBERS", client.key("collections"))))) {
    for (const [key, row] of pairs(texts(await client.ask("HGETALL", client.key("docs", collection))))) {
      yield { kind: "document", collection, key, ...readRow(row) };
    }
  }
  for (const name of await leaseNames(client)) {
    yield { kind: "lease", name, token: Number(await client.ask("HGET", client.key("lease", name), "token")) };
  }
  for (const name of inOrder(texts(await client.ask("SMEMBERS", client.key("logs"))))) {
    const bytes = await client.bytes("GETRANGE", client.key("log", name), 0, -1);
    yield { kind: "log", ...logName(name), base64: Buffer.from(bytes).toString("base64") };
  }
}

async function leaseNames(client: RedisClient): Promise<readonly string[]> {
  return inOrder(texts(await client.ask("SMEMBERS", client.key("leases"))));
}

function logName(key: string): LogName {
  const [run = "", node = "", role = ""] = key.split("/").map(decodeURIComponent);
  return { run, node, role };
}

/** In the order of their UTF-8 bytes, which is the embedded store's. */
function inOrder(names: Iterable<string>): readonly string[] {
  return [...names].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  const found = new Map<string, string>();
  for (let index = 0; index < flat.length; index += 2) found.set(flat[index] ?? "", flat[index + 1] ?? "");
  return inOrder(found.keys()).map((key) => [key, found.get(key) ?? ""] as const);
}
