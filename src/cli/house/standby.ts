import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How often a starter tells its standby that it lives, ms. */
export const beatEveryMs = 2_000;
/**
 * A starter of which so many beats in a row are missing is frozen or stuck: as long as a lease lasts without renewal. They are counted and not timed, so that a
 * standby that gets no processor itself does not take that for silence.
 */
const missingBeats = 3;

/** Lines from a starter to its standby; an empty one says no more than that it lives. */
export const standbyWords = { begin: "begin", dismiss: "dismiss" } as const;

/** What an engine process was told by whoever started it. */
export interface Turn {
  /** Secrets that a person typed. */
  readonly answers: Readonly<Record<string, string>>;
  /** Aborts when the starter says that nothing is left to do. */
  readonly dismissed: AbortSignal;
}

/**
 * Waits for the turn of this engine process: until its starter says so, has left (its end of the pipe is closed, whatever became of it), or has fallen
 * silent. The first line of `input` holds answers as JSON. `undefined`: it was dismissed. Nothing else is loaded meanwhile, so that waiting costs nothing.
 */
export async function awaitTurn(input: Readable): Promise<Turn | undefined> {
  const dismissed = new AbortController();
  const lines = createInterface({ input });
  let answers: Readonly<Record<string, string>> | undefined;
  return await new Promise((resolve) => {
    let missing = -1;
    const begin = (): void => {
      clearInterval(counting);
      resolve({ answers: answers ?? {}, dismissed: dismissed.signal });
    };
    const counting = setInterval(() => (++missing < missingBeats ? undefined : begin()), beatEveryMs);
    lines.once("close", begin).on("line", (line) => {
      missing = -1; // the count goes to 0 at the next look, however soon that is
      if (answers === undefined) answers = JSON.parse(line) as Record<string, string>;
      else if (line === standbyWords.begin) begin();
      else if (line === standbyWords.dismiss) {
        clearInterval(counting);
        dismissed.abort(new Error("nothing is left to do"));
        resolve(undefined);
      }
    });
  });
}
