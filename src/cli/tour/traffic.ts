import { setTimeout as delay } from "node:timers/promises";

/** Requests that were made while something else went on. */
export interface Traffic {
  readonly requests: number;
  readonly failed: number;
  /** Different answers and how often each came, most frequent first. */
  readonly answers: readonly (readonly [string, number])[];
}

const requestTimeoutMs = 5_000;
const pauseMs = 20;

/** One request; `undefined` = no good answer. */
export async function fetchText(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMs) });
    const text = await response.text();
    return response.ok ? text.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps asking `url`, one request after another, until `meanwhile` has ended. */
export async function trafficDuring(url: string, meanwhile: Promise<unknown>): Promise<Traffic> {
  const answers = new Map<string, number>();
  let requests = 0;
  let failed = 0;
  let over = false;
  const end = (): void => {
    over = true;
  };
  meanwhile.then(end, end);
  while (!over) {
    const answer = await fetchText(url);
    requests += 1;
    if (answer === undefined) failed += 1;
    else answers.set(answer, (answers.get(answer) ?? 0) + 1);
    await delay(pauseMs);
  }
  return { requests, failed, answers: [...answers].toSorted((a, b) => b[1] - a[1]) };
}
