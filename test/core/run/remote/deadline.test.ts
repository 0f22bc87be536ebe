import { expect, test } from "vitest";
import type { RemoteCommand } from "../../../../src/core/ports.ts";
import { pastDeadline } from "../../../../src/core/run/remote/deadline.ts";
import { manualClock } from "../../../support/manual-clock.ts";

async function* nothing(): AsyncGenerator<Uint8Array> {
  // says nothing
}

/** When a time of 30 s is over, seconds after it began; the input arrives when it has been asked about for so many seconds. */
async function endsAfter(arrivesAfterSeconds: number | undefined): Promise<number> {
  const clock = manualClock();
  const began = clock.now();
  const delivered = async (): Promise<void> => await clock.sleep((arrivesAfterSeconds ?? 0) * 1_000);
  const command: RemoteCommand = {
    stdout: nothing(),
    stderr: nothing(),
    exit: new Promise(() => undefined),
    abandon: () => undefined,
    ...(arrivesAfterSeconds === undefined ? {} : { delivered }),
  };
  let ended = 0;
  const over = pastDeadline(clock, 30_000, () => command, new AbortController().signal).then(() => (ended = clock.now()));
  await clock.pass(600_000);
  await over;
  return (ended - began) / 1_000;
}

test("a command has its time from the moment at which its input has arrived", async () => {
  expect(await endsAfter(undefined)).toBe(30);
  expect(await endsAfter(0.1)).toBe(30.1);
  expect(await endsAfter(25)).toBe(85);
});

test("whoever ends the wait ends it", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const over = pastDeadline(clock, 30_000, () => undefined, stop.signal);
  stop.abort(new Error("enough"));
  await expect(over).rejects.toThrow("enough");
});
