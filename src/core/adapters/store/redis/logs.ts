import type { LogName, LogPart, Logs } from "../../../ports.ts";
import type { RedisClient } from "./client.ts";
import { answerOf } from "./replies.ts";
import { forgetScript, logScript } from "./scripts.ts";

/** Less than in files: what is in Redis is in memory. */
const standardCap = 1024 * 1024;
const standardRead = 1024 * 1024;

/** The last part of a log's key, from which its name can be read again. */
export function logKey({ run, node, role }: LogName): string {
  return [run, node, role].map(encodeURIComponent).join("/");
}

/** Logs beside the store on Redis, one value each, at most `capBytes` of output (default 1 MiB). */
export function logsOn(client: RedisClient, capBytes = standardCap): Logs {
  const keyOf = (log: LogName): string => client.key("log", logKey(log));
  const cut = `\n[output was cut here: a log holds at most ${capBytes} bytes]\n`;
  const turns = new Map<string, Promise<void>>();

  const part = async (key: string, from: number, limit: number): Promise<LogPart> => {
    // GETRANGE with an end before its beginning would count from the end.
    const bytes = limit <= 0 ? new Uint8Array(0) : await client.bytes("GETRANGE", key, from, from + limit - 1);
    return { bytes, from, next: from + bytes.length };
  };

  return {
    append(log, bytes) {
      const key = keyOf(log);
      const turn = (turns.get(key) ?? Promise.resolve())
        .catch(() => {})
        .then(async () => {
          await client.run(logScript, [key, client.attempt(), client.key("logs")], [bytes, capBytes, cut, logKey(log)]);
        });
      turns.set(key, turn);
      const forget = (): void => {
        if (turns.get(key) === turn) turns.delete(key);
      };
      turn.then(forget, forget);
      return turn;
    },
    read: (log, from, limit = standardRead) => part(keyOf(log), from, limit),
    async forget(run) {
      const keys = [client.key("logs"), client.attempt(), client.key("log")];
      return Number(answerOf(await client.run(forgetScript, keys, [`${encodeURIComponent(run)}/`])).value);
    },
    async tail(log, limit) {
      const size = Number(await client.ask("STRLEN", keyOf(log)));
      return await part(keyOf(log), Math.max(0, size - limit), limit);
    },
  };
}
