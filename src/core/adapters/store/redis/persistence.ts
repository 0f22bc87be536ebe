import type { RedisClient, Reply } from "./client.ts";
import type { StoreRisk } from "../../../model/store-about.ts";
import { texts } from "./replies.ts";

/** What was found out about a server. */
export interface Persistence {
  readonly version: string;
  readonly risks: readonly StoreRisk[];
  readonly unseen: readonly string[];
}

const settings = ["appendonly", "appendfsync", "maxmemory-policy", "min-replicas-to-write"] as const;

/**
 * Reads the settings that decide whether an acknowledged event can be lost. What each loses was measured with kill -9 of a server under load:
 * docs/store.md. A user without the right to CONFIG GET gets what INFO tells.
 */
export async function readPersistence(client: RedisClient): Promise<Persistence> {
  const info = infoOf(await client.ask("INFO"));
  const found = await configOf(client);
  const aof = found.get("appendonly") ?? (info.get("aof_enabled") === "1" ? "yes" : "no");
  const policy = found.get("maxmemory-policy") ?? info.get("maxmemory_policy");
  const fsync = found.get("appendfsync");
  const replicas = Number(info.get("connected_slaves") ?? 0);
  const risks: StoreRisk[] = [];
  if (aof !== "yes") {
    risks.push({
      setting: "appendonly no",
      loses: "Everything since the last snapshot, when the server ends in any way.",
      better: "appendonly yes",
    });
  } else if (fsync !== undefined && fsync !== "always") {
    const loses =
      fsync === "no"
        ? "What the kernel has not written yet (up to half a minute), when the machine fails."
        : "Up to a few seconds of acknowledged events, when the server is killed while its disk is busy.";
    risks.push({ setting: `appendfsync ${fsync}`, loses, better: "appendfsync always" });
  }
  if (policy !== undefined && policy !== "noeviction") {
    risks.push({
      setting: `maxmemory-policy ${policy}`,
      loses: "Any part of the journal, when memory runs short.",
      better: "maxmemory-policy noeviction",
    });
  }
  if (replicas > 0 && found.get("min-replicas-to-write") === "0") {
    risks.push({
      setting: "min-replicas-to-write 0",
      loses: "What no replica had received yet, when the primary fails and a replica takes its place.",
      better: "min-replicas-to-write 1, with two replicas or more",
    });
  }
  return {
    version: info.get("redis_version") ?? "",
    risks,
    unseen: settings.filter((each) => !found.has(each) && (each === "appendfsync" || each === "min-replicas-to-write")),
  };
}

function infoOf(reply: Reply): ReadonlyMap<string, string> {
  return new Map(
    String(reply)
      .split("\r\n")
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

async function configOf(client: RedisClient): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const setting of settings) {
    try {
      const [name, value] = texts(await client.ask("CONFIG", "GET", setting));
      if (name !== undefined && value !== undefined) found.set(name, value);
    } catch {
      return found; // not allowed: INFO tells some of it
    }
  }
  return found;
}
