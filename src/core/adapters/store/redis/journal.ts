import { fail } from "../../../errors.ts";
import type { AppendOptions, AppendResult, Clock, NewEvent, Position, StoredEvent } from "../../../ports.ts";
import { conflict } from "../conflict.ts";
import type { RedisClient, Reply } from "./client.ts";
import { appendScript, pageScript, streamScript, trimScript } from "./scripts.ts";
import { leaseKey } from "./leases.ts";
import { answerOf, texts } from "./replies.ts";

const pageEvents = 500;
const pageChars = 4 * 1024 * 1024;

/** The journal: all events in a Redis stream whose ids are their positions, and for each stream of ours the list of its positions. */
export interface RedisJournal {
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
  readStream(stream: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  readAll(after: Position, limit: number): Promise<readonly StoredEvent[]>;
  /** Removes what is between the first and the last event of a stream. */
  trim(stream: string): Promise<number>;
  head(): Promise<Position>;
  /** As `readAll`, bounded in size too. */
  page(after: Position): Promise<readonly StoredEvent[]>;
}

/** The journal over one connection; `clock` replaces the server's. */
export function journalOn(client: RedisClient, clock: Pick<Clock, "now"> | undefined): RedisJournal {
  const [events, head] = [client.key("events"), client.key("head")];
  const all = async (after: Position, limit: number, chars: number): Promise<readonly StoredEvent[]> =>
    entries(await client.run(pageScript, [events], [`${after}-0`, limit, chars]));

  return {
    async append(stream, newEvents, { expected, commandId, fence }) {
      const keys = [
        events,
        head,
        client.key("stream", stream),
        client.key("commands", stream),
        leaseKey(client, fence?.lease ?? ""),
        client.attempt(),
      ];
      const pairs = newEvents.flatMap(({ type, data }) => [type, JSON.stringify(data)]);
      const args = [stream, expected ?? "", commandId ?? "", fence?.token ?? "", clock?.now() ?? "", ...pairs];
      const { word, value } = answerOf(await client.run(appendScript, keys, args));
      switch (word) {
        case "done":
        case "duplicate": {
          const [version, position] = value.split(" ").map(Number);
          return { version: version ?? 0, position: position ?? 0, duplicate: word === "duplicate" };
        }
        case "fenced":
          throw fail("FENCED", {
            message: `The lease "${fence?.lease}" was lost: its token is ${value}, this process has ${fence?.token}.`,
          });
        default:
          throw conflict(`stream ${stream}`, expected ?? 0, Number(value));
      }
    },
    readStream: async (stream, after, limit) =>
      entries(await client.run(streamScript, [events, client.key("stream", stream)], [after, limit])),
    trim: async (stream) =>
      Number(
        answerOf(await client.run(trimScript, [events, client.key("stream", stream), client.key("commands", stream), client.attempt()], []))
          .value,
      ),
    readAll: (after, limit) => all(after, limit, Number.MAX_SAFE_INTEGER),
    head: async () => Number(await client.ask("GET", head)),
    page: (after) => all(after, pageEvents, pageChars),
  };
}

function entries(reply: Reply): readonly StoredEvent[] {
  return Array.isArray(reply) ? reply.map(eventOf) : [];
}

/** `["17-0", ["s", STREAM, "v", VERSION, "t", TYPE, "a", AT, "d", DATA]]`. */
function eventOf(entry: Reply): StoredEvent {
  const [id, fields] = Array.isArray(entry) ? entry : [];
  const [, stream = "", , version, , type = "", , at, , data = "null"] = texts(fields ?? []);
  return { position: Number.parseInt(String(id), 10), stream, version: Number(version), type, at: Number(at), data: JSON.parse(data) };
}
