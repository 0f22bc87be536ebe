import { HalliganError } from "../../errors.ts";
import type { Clock, Fence, Json, JobQueue, Store } from "../../ports.ts";
import { executeJob, type JobSite } from "../execute-job.ts";
import type { Executor, JobOutcome, JobOutlets, JobTask } from "../executor.ts";
import { cleanJobs } from "../remote/clean-jobs.ts";
import { tellToEnd } from "../remote/tell-to-end.ts";
import type { Assignment } from "./assignment.ts";
import { placeOf } from "./places.ts";
import { isUsable, readWorkers, type SeenWorker } from "./presence.ts";
import { takeTurn, type Turn } from "./turn.ts";

/** How often it is looked who is there, ms. */
const lookMs = 1_000;
/** After so many looks a job that has not ended is sent once more, in case the queue has lost it. Clocks may jump: they are not asked. */
const resendLooks = 10;

/** What sending jobs to workers needs. */
export interface DispatcherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly fence: Fence;
  readonly run: string;
  /** This engine process. */
  readonly owner: string;
  /** Of Halligan: workers of others get nothing. */
  readonly version: string;
  /** The engine's own way to the nodes. */
  readonly local: JobSite;
  siteOf(node: string): string | undefined;
  /** True for sites whose nodes only workers may touch. */
  isForWorkersOnly(site: string | undefined): boolean;
  /** Opened when the first worker is there. */
  queue(): Promise<JobQueue>;
}

/** Sends jobs to workers near the nodes, and carries out itself what no worker takes. `end` when the run is over. */
export function createDispatcher(options: DispatcherOptions): Executor & { end(): Promise<void> } {
  const { store, clock, version, local } = options;
  const over = new AbortController();
  const ended = new Map<string, (outcome: JobOutcome) => void>();
  const mine = new Set<string>();
  const watch = watchWorkers(store, clock, over.signal);

  const hasWorker = async (site: string | undefined): Promise<boolean> =>
    (await watch.workers()).some((each) => isUsable(each, site, version));

  const send = async (site: string | undefined, id: string, assignment: Assignment): Promise<void> => {
    const queue = await options.queue();
    await queue.send(placeOf(site, version), { id, data: assignment as unknown as Json });
  };

  async function execute(task: JobTask, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome> {
    const key = keyOf(task.planned.id, task.job);
    const told = new Promise<JobOutcome>((resolve) => ended.set(key, resolve));
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      return await Promise.race([told, seeTo(task, outlets, both)]);
    } finally {
      stop.abort();
      ended.delete(key);
    }
  }

  /** Sends the job while there is a worker; else carries it out. Resolves only in the latter case. */
  async function seeTo(task: JobTask, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome> {
    const { run, planned, attempt, job, attachFirst, staleness } = task;
    const site = options.siteOf(planned.node);
    const { token } = options.fence;
    const id = `${run}.${attempt}.${token}.${planned.id}`;
    let sent: number | undefined; // so many looks ago
    for (;;) {
      signal.throwIfAborted();
      if (await hasWorker(site)) {
        if (sent === undefined || sent >= resendLooks) {
          await quietly(() => send(site, id, { kind: "job", run, id: planned.id, attempt, job, token, attachFirst, staleness }));
          if (sent !== undefined) await quietly(async () => (await options.queue()).hasten(placeOf(site, version), id));
          sent = 0;
        }
        sent += 1;
      } else if (!options.isForWorkersOnly(site)) {
        if (sent !== undefined) await quietly(async () => (await options.queue()).takeBack(placeOf(site, version), id));
        const turn = await takeTurn(
          { store, clock },
          planned.node,
          `${options.owner}:${planned.id}`,
          async () => !(await hasWorker(site)),
          signal,
        );
        if (turn !== undefined) {
          const outcome = await here(task, turn, sent !== undefined, outlets, signal);
          if (outcome !== undefined) return outcome;
        }
      }
      await clock.sleep(lookMs, signal);
    }
  }

  /** Tells a job to end for as long as this process has it. */
  async function tell(node: string, job: string, now: boolean, signal: AbortSignal): Promise<void> {
    const goesOn = (): boolean => [...mine].some((key) => key.endsWith(` ${job}`) && key.startsWith(`${node}/`));
    await tellToEnd(job, now, { link: (until) => local.link(node, until), clock, goesOn }, signal);
  }

  /** Carries the job out in this process; `undefined`: a worker has taken the turn. Whoever had the job before may have begun it. */
  async function here(task: JobTask, turn: Turn, sent: boolean, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome | undefined> {
    const key = keyOf(task.planned.id, task.job);
    const fence = { token: options.fence.token, turn: turn.fence.token };
    mine.add(key);
    const asked = outlets.cancelled();
    // The worker that had it may have died before it told the node.
    if (asked !== undefined) void tell(task.planned.node, task.job, asked === "now", signal);
    try {
      const again = { ...task, attachFirst: task.attachFirst || sent };
      return await executeJob(local, again, fence, outlets, AbortSignal.any([signal, turn.lost]));
    } catch (error) {
      if (!turn.lost.aborted || signal.aborted) throw error;
      return undefined;
    } finally {
      mine.delete(key);
      await turn.end();
    }
  }

  return {
    execute,
    // Workers hear of it in the journal.
    cancel: ({ node, job }, now, signal) => tell(node, job, now, signal),
    async clean(byNode, emptied, signal) {
      const own = new Map<string, readonly string[]>();
      const bySite = new Map<string | undefined, Record<string, string[]>>();
      for (const [node, jobs] of byNode) {
        const site = options.siteOf(node);
        if (!(await hasWorker(site))) own.set(node, jobs);
        else bySite.set(site, { ...bySite.get(site), [node]: [...jobs] });
      }
      for (const [site, jobs] of bySite) {
        const { run } = options;
        const gone = Object.keys(jobs).filter((node) => emptied.has(node));
        await quietly(() => send(site, `clean.${options.fence.token}.${run}`, { kind: "clean", run, jobs, emptied: gone }));
      }
      await cleanJobs(own, emptied, clock, (node) => local.link(node, signal));
    },
    heard(event) {
      if (event.type === "job.ended") ended.get(keyOf(event.id, event.job))?.(event.outcome as JobOutcome);
    },
    async end() {
      over.abort();
      await watch.ended;
    },
  };
}

function keyOf(id: string, job: string): string {
  return `${id} ${job}`;
}

/** A queue that cannot be reached is tried again. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
  }
}

/** Keeps a list of the workers that are there; the first answer waits for the first look. */
function watchWorkers(
  store: Store,
  clock: Clock,
  signal: AbortSignal,
): { workers(): Promise<readonly SeenWorker[]>; readonly ended: Promise<void> } {
  let latest: Promise<readonly SeenWorker[]> = readWorkers(store);
  latest.catch(() => undefined); // told to whoever asks
  const ended = (async () => {
    while (!signal.aborted) {
      await clock.sleep(lookMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const next = readWorkers(store);
      const found = await next.catch(() => undefined);
      // While the store is away nobody knows better than before.
      if (found !== undefined) latest = next;
    }
  })();
  return { workers: () => latest, ended };
}
