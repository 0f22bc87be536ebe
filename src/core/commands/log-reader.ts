import type { LogName, Logs } from "../ports.ts";

/** Reads one log from where it was left, in whole lines. */
export interface LogReader {
  readonly name: LogName;
  /** Bytes read so far. */
  readonly bytes: number;
  /** Whole lines that came since the last call; with `final` also a last line without an end. Empty = nothing new. */
  next(final: boolean): Promise<string>;
}

/** A line without an end is passed on at this length (characters), so that a flood without newlines cannot fill the memory. */
const longestLine = 64 * 1024;

/** Opens a log, from its start or from its last `tail` lines. Bytes that are not UTF-8 become U+FFFD. */
export async function openLogReader(logs: Logs, name: LogName, tail: number | undefined): Promise<LogReader> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let from = tail === undefined ? 0 : await startOfTail(logs, name, tail);
  let held = "";
  return {
    name,
    get bytes() {
      return from;
    },
    async next(final) {
      let text = held;
      for (;;) {
        const part = await logs.read(name, from);
        if (part.bytes.length === 0) break;
        from = part.next;
        text += decoder.decode(part.bytes, { stream: true });
      }
      if (final) text += decoder.decode();
      const end = final || text.length - text.lastIndexOf("\n") > longestLine ? text.length : text.lastIndexOf("\n") + 1;
      held = text.slice(end);
      return text.slice(0, end);
    },
  };
}

const newline = 10;

/** Offset of the last `lines` lines. */
async function startOfTail(logs: Logs, name: LogName, lines: number): Promise<number> {
  for (let limit = 64 * 1024; ; limit *= 8) {
    const part = await logs.tail(name, limit);
    if (lines === 0) return part.next;
    let seen = 0;
    // The newline that ends the last line does not begin another one.
    for (let at = part.bytes.length - 2; at >= 0; at -= 1) {
      if (part.bytes[at] !== newline) continue;
      seen += 1;
      if (seen === lines) return part.from + at + 1;
    }
    if (part.from === 0) return 0;
  }
}
