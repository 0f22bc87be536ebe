import { fail } from "../../../errors.ts";
import { isSameEvent } from "../../../journal/events.ts";
import type { AppendOptions, AppendResult, Clock, NewEvent, Position, StoredEvent } from "../../../ports.ts";
import { conflict } from "../conflict.ts";
import type { Page } from "../pages.ts";
import type { RedisClient, Reply } from "./client.ts";
import { appendScript, streamScript, trimScript } from "./scripts.ts";
import { leaseKey } from "./leases.ts";
import { replaced } from "./lost-events.ts";
import { answerOf } from "./replies.ts";

/** The journal: all events in a Redis stream whose ids are their positions, and for each stream of ours the list of its positions. */
export interface RedisJournal {
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
  readStream(stream: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  readAll(after: Position, limit: number): Promise<Page>;
  /**
   * As `readAll`, for who goes on from the last position that is read: gives only what stays.
   * @param last the event that was given last, if any. @throws `STORE_UNAVAILABLE` when another one is in its place by now.
   */
  followAll(after: Position, limit: number, last: StoredEvent | undefined): Promise<Page>;
  /** Removes what is between the first and the last event of a stream. */
  trim(stream: string): Promise<number>;
  head(): Promise<Position>;
  /** As `head`, of what stays. An end that was `known` before costs nothing more. */
  end(known: Position): Promise<Position>;
}

/** The journal over one connection; `clock` replaces the server's. */
export function journalOn(client: RedisClient, clock: Pick<Clock, "now"> | undefined): RedisJournal {
  const [events, head] = [client.key("events"), client.key("head")];
  // Not in a script: on the server that would cost nine times as much as the events themselves.
  const range = (after: Position, limit: number): Promise<Reply> => client.ask("XRANGE", events, `(${after}-0`, "+", "COUNT", limit);
  const rangeFrom = async (last: StoredEvent, limit: number): Promise<Page> => {
    const page = pageOf(await client.ask("XRANGE", events, `${last.position}-0`, "+", "COUNT", limit + 1));
    const [first, ...rest] = page.events;
    if (first?.position !== last.position) return page; // it was pruned, or the journal ends before it: the tail sees that
    if (!isSameEvent(first, last)) throw replaced(client.where, last.position);
    return { events: rest, chars: page.chars };
  };

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
      const { word, value } = answerOf(await client.change(appendScript, keys, args));
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
      pageOf(await client.look(() => client.run(streamScript, [events, client.key("stream", stream)], [after, limit]))).events,
    trim: async (stream) =>
      Number(
        answerOf(
          await client.change(trimScript, [events, client.key("stream", stream), client.key("commands", stream), client.attempt()], []),
        ).value,
      ),
    readAll: async (after, limit) => pageOf(await client.look(() => range(after, limit))),
    followAll: (after, limit, last) =>
      client.follow(
        async () => (last === undefined ? pageOf(await range(after, limit)) : await rangeFrom(last, limit)),
        (page) => page.events.length === 0,
      ),
    head: async () => Number(await client.look(() => client.ask("GET", head))),
    end: (known) =>
      client.follow(
        async () => Number(await client.ask("GET", head)),
        (found) => found === known,
      ),
  };
}

/** `["17-0", ["s", STREAM, "v", VERSION, "t", TYPE, "a", AT, "d", DATA]]`. */
type Entry = readonly [id: string, fields: readonly string[]];

function pageOf(reply: Reply): Page {
  let chars = 0;
  const entries = Array.isArray(reply) ? (reply as readonly Entry[]) : [];
  const events = entries.map(([id, [, stream = "", , version, , type = "", , at, , data = "null"]]): StoredEvent => {
    chars += data.length;
    return { position: Number.parseInt(id, 10), stream, version: Number(version), type, at: Number(at), data: JSON.parse(data) };
  });
  return { events, chars };
}
