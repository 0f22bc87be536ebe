import { noLongerNeeded } from "./deadline.ts";

/** The next piece, or what came first: `tooLong`, which resolves when there was silence for long enough and rejects with the signal that it is given, or `signal`. */
export async function nextOrSilence(
  chunks: AsyncIterator<Uint8Array>,
  tooLong: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array> | "silence"> {
  const next = chunks.next();
  next.catch(() => undefined); // the iterator may still reject after the channel was abandoned
  // A signal of its own for every piece that arrives: `AbortSignal.any` costs more than the rest.
  const stop = new AbortController();
  const end = (): void => stop.abort(noLongerNeeded);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const silent = (): "silence" => "silence";
  try {
    return await Promise.race([next, tooLong(stop.signal).then(silent, silent)]);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
