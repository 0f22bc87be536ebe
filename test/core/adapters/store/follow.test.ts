import { expect, test } from "vitest";
import { follow, type Source } from "../../../../src/core/adapters/store/follow.ts";
import { pagesWith } from "../../../../src/core/adapters/store/pages.ts";
import type { Position, StoredEvent } from "../../../../src/core/ports.ts";

function event(position: Position): StoredEvent {
  return { position, stream: "s", version: position, type: "t", at: 0, data: null };
}

/** A journal in memory whose reads are answered when the test says so. */
function journal(readAhead: boolean) {
  const events: StoredEvent[] = [];
  const wakers = new Set<() => void>();
  const reads: { readonly after: Position; answer(): void }[] = [];
  const source: Source = {
    page: (after) => new Promise((resolve) => reads.push({ after, answer: () => resolve(events.filter((each) => each.position > after)) })),
    nudge: {
      listen(wake) {
        wakers.add(wake);
        return () => wakers.delete(wake);
      },
    },
    closed: () => false,
    readAhead,
  };
  return {
    source,
    reads,
    wakers,
    append(...positions: readonly Position[]) {
      events.push(...positions.map(event));
      for (const wake of wakers) wake();
    },
    /** Answers the next read as the journal is now. */
    async answer(): Promise<void> {
      await expect.poll(() => reads.length, { timeout: 60_000, interval: 1 }).toBeGreaterThan(0);
      reads.shift()?.answer();
    },
  };
}

const positionsOf = (given: readonly IteratorResult<StoredEvent, void>[]): (Position | undefined)[] =>
  given.map(({ value }) => value?.position);

test.each([true, false])("calls that come before there are events are answered in their order (reading ahead: %s)", async (readAhead) => {
  const { source, append, answer } = journal(readAhead);
  const events = follow(source, { after: 0, signal: new AbortController().signal });
  const calls = Promise.all([events.next(), events.next(), events.next(), events.next()]);
  await answer(); // nothing there yet
  append(1, 2, 3);
  await answer();
  append(4);
  await answer();
  expect(positionsOf(await calls)).toEqual([1, 2, 3, 4]);
});

test("what is committed while a page is read ahead, after the server looked, is not missed", async () => {
  const { source, reads, append, answer } = journal(true);
  const events = follow(source, { after: 0, signal: new AbortController().signal });
  append(1);
  const first = events.next();
  await answer();
  expect((await first).value?.position).toBe(1);
  // The next page is asked for already, and comes back empty; only then is something committed, before anybody asks for it.
  await answer();
  append(2);
  const second = events.next();
  await answer();
  expect((await second).value?.position).toBe(2);
  expect(reads.map(({ after }) => after)).toEqual([2]);
});

test("a signal ends it in the middle of a page and while it waits; nobody is woken afterwards", async () => {
  const { source, append, answer, wakers } = journal(false);
  const stop = new AbortController();
  const events = follow(source, { after: 0, signal: stop.signal });
  append(1, 2);
  const first = events.next();
  await answer();
  expect((await first).value?.position).toBe(1);
  stop.abort();
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(wakers.size).toBe(0);

  const later = new AbortController();
  const waiting = follow(source, { after: 2, signal: later.signal }).next();
  await answer();
  later.abort();
  expect((await waiting).done).toBe(true);
  expect(wakers.size).toBe(0);
});

test("a read that fails is told once, and ends it", async () => {
  const source: Source = { ...journal(true).source, page: () => Promise.reject(new Error("away")) };
  const events = follow(source, { after: 0, signal: new AbortController().signal });
  await expect(events.next()).rejects.toThrow("away");
  expect((await events.next()).done).toBe(true);
});

test("pages grow while events are small and shrink when they are not", async () => {
  const limits: number[] = [];
  let chars = 300;
  const page = pagesWith((after, limit) => {
    limits.push(limit);
    const events = Array.from({ length: limit }, (_, at) => event(after + at + 1));
    return Promise.resolve({ events, chars: chars * limit });
  });
  for (let at = 0; at < 6; at++) await page(0);
  expect(limits).toEqual([50, 100, 200, 400, 500, 500]);
  chars = 1024 * 1024;
  await page(0);
  await page(0);
  await page(0);
  expect(limits.slice(6)).toEqual([500, 4, 4]);
  chars = 16 * 1024 * 1024;
  await page(0);
  await page(0);
  expect(limits.slice(9)).toEqual([4, 1]);
});
