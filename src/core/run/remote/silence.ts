import type { Clock } from "../../ports.ts";
import { noLongerNeeded } from "./deadline.ts";

/** The next piece, or what came first: silence for `limitMs`, or the signal. */
export async function nextOrSilence(
  chunks: AsyncIterator<Uint8Array>,
  clock: Clock,
  limitMs: number | undefined,
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
    return await Promise.race([next, clock.sleep(limitMs ?? 2 ** 31 - 1, stop.signal).then(silent, silent)]);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
