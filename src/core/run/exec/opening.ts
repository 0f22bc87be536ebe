import { beginning } from "./node-text.ts";

/** Most of what a login shell may print before the command begins. */
const mostBefore = 65_536;

/** An output from the line on with which the command begins. */
export interface Opening {
  /** Ends empty when the line never comes. */
  readonly rest: AsyncIterable<Uint8Array>;
  /** The session in which the command runs; undefined = it has not begun; 0 = not known. */
  session(): number | undefined;
  /** Settles when the session is known, or when there will be none. Needs `rest` to be read. */
  readonly begun: Promise<void>;
  /** What came before: banners, and the reason why nothing began. */
  before(): string;
}

/** Splits an output at the line that the receiver prints. */
export function openingOf(bytes: AsyncIterable<Uint8Array>): Opening {
  let held = Buffer.alloc(0);
  let session: number | undefined;
  const { promise: begun, resolve: settle } = Promise.withResolvers<void>();

  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      yield* split();
    } finally {
      settle();
    }
  }

  async function* split(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (session !== undefined) {
        yield chunk;
        continue;
      }
      held = Buffer.concat([held, chunk]);
      for (let end = held.indexOf(10), start = 0; end >= 0; start = end + 1, end = held.indexOf(10, start)) {
        const found = beginning.exec(held.subarray(start, end).toString("latin1"));
        if (found === null) continue;
        session = Number(found[1]);
        settle();
        const after = held.subarray(end + 1);
        held = held.subarray(0, start);
        if (after.length > 0) yield after;
        break;
      }
      // A line that is cut here is no beginning: that one is short.
      if (session === undefined && held.length > mostBefore) held = held.subarray(-mostBefore / 2);
    }
  }

  return { rest: rest(), session: () => session, begun, before: () => held.toString("utf8") };
}
