import { type Job, Queue, Worker } from "bullmq";
import type { Delivery, Json, JobQueue, QueueWork, Secret } from "../../ports.ts";
import { readRedisAddress, shownAddress } from "../store/redis/address.ts";
import { keyPrefix, openConnection } from "../store/redis/client.ts";
import { redisFault } from "../store/redis/faults.ts";

/** A worker that was not heard of for so long has lost what it works on, ms. */
const lockMs = 5_000;
/** How often workers look for what others have lost, ms. */
const lookMs = 2_000;
/** What was rejected comes again after this, ms. */
const againMs = 1_000;
/** More than ever happens: the journal tells when to stop, not a count. */
const often = 1_000_000;

/** Carries jobs over the Redis server on which a store is (its address as `--state` takes it). @throws `STORE_ADDRESS`, `STORE_UNAVAILABLE`. */
export async function openQueue(url: string, password: Secret | undefined): Promise<JobQueue> {
  const address = readRedisAddress(url);
  const where = shownAddress(address);
  const connection = await openConnection(address, password);
  // Every request tells its own failure; without a listener a lost connection would end the process.
  connection.on("error", () => undefined);
  const common = { connection, prefix: `${keyPrefix(address)}:work` };
  const queues = new Map<string, Queue>();
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw redisFault(error, where);
    }
  };

  function queueAt(place: string): Queue {
    const known = queues.get(place);
    if (known !== undefined) return known;
    const queue = new Queue(nameOf(place), {
      ...common,
      defaultJobOptions: { attempts: often, backoff: { type: "fixed", delay: againMs }, removeOnComplete: true, removeOnFail: true },
    });
    queue.on("error", () => undefined);
    queues.set(place, queue);
    return queue;
  }

  return {
    send: (place, { id, data }) =>
      guarded(async () => {
        await queueAt(place).add("job", data, { jobId: idOf(id) });
      }),
    hasten: (place, id) =>
      guarded(async () => {
        const job = await queueAt(place).getJob(idOf(id));
        // Until when it waits was decided by the clock of whoever gave it back, which may be a day ahead.
        if ((await job?.isDelayed()) === true) await job?.promote().catch(() => undefined); // somebody was faster
      }),
    takeBack: (place, id) =>
      guarded(async () => {
        const job = await queueAt(place).getJob(idOf(id));
        // Somebody who works on it has it locked, and keeps it.
        await job?.remove().catch(() => undefined);
      }),
    waiting: (place) => guarded(() => queueAt(place).getJobCountByTypes("waiting", "delayed", "prioritized")),
    work: (place, atOnce, handle) => guarded(() => startWork(nameOf(place), { ...common, concurrency: atOnce }, handle)),
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

async function startWork(
  name: string,
  options: { readonly connection: Awaited<ReturnType<typeof openConnection>>; readonly prefix: string; readonly concurrency: number },
  handle: Parameters<JobQueue["work"]>[2],
): Promise<QueueWork> {
  const carry = async (job: Job<Json>, _token?: string, signal?: AbortSignal): Promise<void> => {
    const delivery: Delivery = { id: decodeURIComponent(job.id ?? ""), data: job.data };
    await handle(delivery, job.attemptsStarted > 1 || job.stalledCounter > 0, signal ?? new AbortController().signal);
  };
  const worker = new Worker<Json>(name, carry, { ...options, lockDuration: lockMs, stalledInterval: lookMs, maxStalledCount: often });
  worker.on("error", () => undefined); // it tries again by itself
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) worker.cancelJob(id, "lost");
  });
  await worker.waitUntilReady();
  return {
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    end: (now) => worker.close(now),
  };
}

/** A colon means something to BullMQ, in names and ids. */
function nameOf(place: string): string {
  return encodeURIComponent(place);
}

function idOf(id: string): string {
  return encodeURIComponent(id);
}
