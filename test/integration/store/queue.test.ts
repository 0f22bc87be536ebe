import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openQueue } from "../../../src/core/adapters/queue/bullmq.ts";
import type { JobQueue, QueueWork } from "../../../src/core/ports.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

let redis: TestRedis;
const queues: JobQueue[] = [];

beforeEach(async () => {
  redis = await startRedis(["maxmemory-policy noeviction"]);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const queue of queues.splice(0)) await queue.close();
  await redis.dispose();
});

async function open(): Promise<JobQueue> {
  const queue = await openQueue(`redis://127.0.0.1:${redis.port}?site=queue`, undefined);
  queues.push(queue);
  return queue;
}

/** Works at a place and notes what comes; the first `refused` deliveries are given back. */
async function work(queue: JobQueue, refused: number): Promise<{ readonly seen: readonly string[]; readonly shift: QueueWork }> {
  const seen: string[] = [];
  const shift = await queue.work("place", 2, async ({ id }, again) => {
    seen.push(`${id} ${again}`);
    if (seen.length <= refused) throw new Error("not now");
  });
  return { seen, shift };
}

const until = async (what: () => unknown): Promise<void> => await expect.poll(what, { timeout: 60_000, interval: 20 }).toBe(true);

test("what a worker gave back whose clock is a day ahead comes to others when it is hastened", { timeout: 120_000 }, async () => {
  const [engine, ahead, right] = [await open(), await open(), await open()];
  const real = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => real() + 86_400_000);
  const first = await work(ahead, 1);
  await engine.send("place", { id: "R-1.n1/web", data: { kind: "job" } });
  await until(() => first.seen.length === 1);
  await first.shift.end(false);
  vi.restoreAllMocks();

  const second = await work(right, 0);
  await engine.send("place", { id: "R-1.n1/web", data: { kind: "job" } }); // it is on its way, so nothing comes of this
  expect(await engine.waiting("place")).toBe(1);
  await engine.hasten("place", "R-1.n1/web");
  await engine.hasten("place", "R-1.unknown");
  await until(() => second.seen.length === 1);
  expect([first.seen, second.seen]).toEqual([["R-1.n1/web false"], ["R-1.n1/web true"]]);
  await until(async () => (await engine.waiting("place")) === 0);
  await second.shift.end(false);
});

test("a delivery is carried once at a time, and can be taken back while nobody has it", { timeout: 120_000 }, async () => {
  const engine = await open();
  for (let times = 0; times < 3; times++) await engine.send("place", { id: "a", data: null });
  await engine.send("place", { id: "b:c", data: null });
  expect(await engine.waiting("place")).toBe(2);
  await engine.takeBack("place", "a");
  expect(await engine.waiting("place")).toBe(1);
  const { seen, shift } = await work(await open(), 0);
  await until(() => seen.length === 1);
  expect(seen).toEqual(["b:c false"]);
  await shift.end(false);
});
