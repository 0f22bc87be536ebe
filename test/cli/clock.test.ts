import { expect, test } from "vitest";
import { systemClock } from "../../src/cli/house/clock.ts";

const resources = (kind: string): number => process.getActiveResourcesInfo().filter((each) => each === kind).length;

test("a rest lets go first what is waiting, and takes no timer", async () => {
  const timers = resources("Timeout");
  const order: string[] = [];
  setImmediate(() => order.push("what was waiting"));
  const rest = systemClock.sleep(0).then(() => order.push("rested"));
  expect(resources("Timeout")).toBe(timers);
  await rest;
  expect(order).toEqual(["what was waiting", "rested"]);
});

test("a sleep takes its time, and ends with the reason of its signal", async () => {
  const from = performance.now();
  await systemClock.sleep(20);
  expect(performance.now() - from).toBeGreaterThanOrEqual(19);
  const reason = new Error("no longer needed");
  const ending = new AbortController();
  const sleeping = systemClock.sleep(60_000, ending.signal);
  ending.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(systemClock.sleep(0, ending.signal)).rejects.toBe(reason);
});
