import { expect, test } from "vitest";
import { askEveryBytes, watchLiveness } from "../../../../src/core/adapters/ssh/liveness.ts";
import { manualClock } from "../../../support/manual-clock.ts";

/** A watched connection, its questions unanswered until the test answers them, oldest first. */
function watched() {
  const clock = manualClock();
  const asked: (() => void)[] = [];
  const died: number[] = [];
  const start = clock.now();
  const liveness = watchLiveness({
    clock,
    ping: (answered) => {
      liveness.wrote(80);
      asked.push(answered);
    },
    dead: () => void died.push((clock.now() - start) / 1_000),
  });
  liveness.start();
  return { clock, liveness, died, asked, answer: () => asked.shift()?.() };
}

test("a connection on which nothing is on its way is given up 15 s after a question without an answer", async () => {
  const { clock, died, asked, answer } = watched();
  await clock.pass(5_000);
  answer();
  await clock.pass(14_000);
  expect(asked).toHaveLength(1); // one question at a time
  expect(died).toEqual([]);
  await clock.pass(120_000);
  expect(died).toEqual([25]);
});

test("who answers every question lives on", async () => {
  const { clock, died, asked, answer } = watched();
  for (let second = 0; second < 600; second += 1) {
    await clock.pass(1_000);
    if (second % 4 === 0) answer();
  }
  expect(died).toEqual([]);
  expect(asked.length).toBeLessThan(2);
});

test("anything that comes is a sign of life, though it is no answer", async () => {
  const { clock, liveness, died } = watched();
  for (let rounds = 0; rounds < 60; rounds += 1) {
    await clock.pass(14_000);
    liveness.heard();
  }
  expect(died).toEqual([]);
  await clock.pass(20_000);
  expect(died).toHaveLength(1);
});

test.each([
  { bytes: 2_000, diesAfter: 20 },
  { bytes: 20_000, diesAfter: 55 },
  { bytes: 10_000_000, diesAfter: 80 },
])("$bytes bytes on their way get the time that they take at 512 B/s, a minute at most", async ({ bytes, diesAfter }) => {
  const { clock, liveness, died } = watched();
  liveness.wrote(bytes);
  await clock.pass(300_000);
  expect(died).toEqual([diesAfter]);
});

test("what is on its way over a link that was fast gets the time of that link", async () => {
  const { clock, liveness, died, answer } = watched();
  liveness.wrote(30_000);
  await clock.pass(5_000);
  answer(); // 30 kB took one look at most, so 15 kB a look are shown
  liveness.wrote(30_000);
  await clock.pass(300_000);
  expect(died).toEqual([35]); // asked after 10 s, 15 s and two looks before that is given up
});

test("over 1 kB/s a large input with questions in between is never given up, and a cut in the middle of it is noticed", async () => {
  const { clock, liveness, died, answer } = watched();
  for (let piece = 0; piece < 20; piece += 1) {
    liveness.wrote(askEveryBytes);
    liveness.ask();
  }
  for (let piece = 0; piece < 10; piece += 1) {
    await clock.pass(askEveryBytes);
    answer();
  }
  expect(died).toEqual([]);
  await clock.pass(600_000);
  expect(died).toHaveLength(1);
  expect((died[0] ?? 0) - (10 * askEveryBytes) / 1_000).toBeLessThanOrEqual(80);
});

test("a watch that ended says nothing any more", async () => {
  const { clock, liveness, died, asked } = watched();
  await clock.pass(7_000);
  liveness.end();
  await clock.pass(600_000);
  expect(died).toEqual([]);
  expect(asked).toHaveLength(1);
});

test("connections whose looks came late together do not stay together", async () => {
  const late = { on: false, waits: [] as (() => void)[] };
  const clock = manualClock();
  // A busy process: timers that are due meanwhile fire in one moment.
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await clock.sleep(ms, signal);
    if (late.on) await new Promise<void>((resolve) => late.waits.push(resolve));
  };
  const askedAt: number[] = [];
  const start = clock.now();
  const watch = (): void => {
    const liveness = watchLiveness({
      clock: { now: () => clock.now(), sleep },
      ping: (answered) => {
        askedAt.push(clock.now() - start);
        answered();
      },
      dead: () => expect.unreachable(),
    });
    liveness.start();
  };
  watch();
  await clock.pass(1_000);
  watch();
  await clock.pass(3_000);
  late.on = true;
  await clock.pass(2_500);
  late.on = false;
  for (const go of late.waits) go();
  await clock.pass(10_000);
  expect(askedAt).toEqual([6_500, 6_500, 10_000, 11_000, 15_000, 16_000]);
});
