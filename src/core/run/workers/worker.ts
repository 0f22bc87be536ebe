import { HalliganError, hasCode, problem } from "../../errors.ts";
import { runStream, toStored } from "../../journal/events.ts";
import type { NodeRoleId } from "../../model/ids.ts";
import type { Plan } from "../../model/plan.ts";
import type { Clock, Delivery, Store } from "../../ports.ts";
import { executeJob, type JobSite } from "../execute-job.ts";
import { type JobOutcome, jobKey } from "../executor.ts";
import { cleanJobs } from "../remote/clean-jobs.ts";
import { tellToEnd as tellNode } from "../remote/tell-to-end.ts";
import { hasEnded, isRebooting, type NodeRoleProgress, type RunState } from "../state.ts";
import { type Assignment, readAssignment } from "./assignment.ts";
import { createRunViews, type RunView } from "./run-view.ts";
import { emptyTally, type WorkerTally } from "./tally.ts";
import { takeTurn, type Turn } from "./turn.ts";

/** What a worker works with. */
export interface WorkerOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Its name on the list of workers. */
  readonly name: string;
  /** Unique to this process. */
  readonly owner: string;
  /** Scripts of a plan and the way to its nodes. @throws what this worker lacks for them. */
  prepare(plan: Plan): Promise<JobSite>;
  /** Aborts when the worker shall end: what it has not begun it gives back. */
  readonly leaving: AbortSignal;
  /** Tells whoever reads the worker's output. */
  log(line: string): void;
  /** Told what it does and has done, whenever that changes. */
  onTally(tally: WorkerTally): void;
}

/** A worker's hands. */
export interface Worker {
  /** Carries out one delivery. Rejects when somebody shall try again. */
  handle(delivery: Delivery, again: boolean, signal: AbortSignal): Promise<void>;
  /** Follows the journal for what concerns running jobs, until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

type JobAssignment = Extract<Assignment, { kind: "job" }>;

/** A job that this worker has. */
interface Running {
  readonly assignment: JobAssignment;
  readonly view: RunView;
  /** Lets go of the job: it was abandoned. */
  readonly stop: AbortController;
}

/** While a run is paused a job that was not sent waits; it is asked so often whether it may go, ms. */
const pausedMs = 500;
/** After the store was away, ms. */
const listenAgainMs = 1_000;

/** Makes the hands of one worker process. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, clock, name, log } = options;
  const running = new Map<string, Running>();
  const views = createRunViews(store, options.prepare);
  let turns = 0;
  let tally = emptyTally;
  const count = (change: Partial<WorkerTally>): void => options.onTally((tally = { ...tally, ...change }));

  async function handleJob(assignment: JobAssignment, again: boolean, signal: AbortSignal): Promise<void> {
    const view = await views.of(assignment.run);
    if (view === undefined) return;
    const wanted = async (): Promise<boolean> => isWanted(await view.refresh(), assignment);
    const { node } = partsOf(assignment.id);
    if (!(await wanted())) return;
    const turn = await waiting(() =>
      takeTurn(options, node, `${options.owner}#${(turns += 1)}`, wanted, AbortSignal.any([signal, options.leaving])),
    );
    if (turn === undefined) return;
    const key = `${assignment.id} ${assignment.job}`;
    const stop = new AbortController();
    running.set(key, { assignment, view, stop });
    count({ running: running.size });
    try {
      if (await wanted()) await carryOut({ assignment, view, stop }, turn, again, AbortSignal.any([signal, turn.lost, stop.signal]));
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      running.delete(key);
      count({ running: running.size });
      await turn.end();
    }
  }

  async function waiting<T>(work: () => Promise<T>): Promise<T> {
    count({ waitingForTurn: tally.waitingForTurn + 1 });
    try {
      return await work();
    } finally {
      count({ waitingForTurn: tally.waitingForTurn - 1 });
    }
  }

  async function carryOut(job: Running, turn: Turn, again: boolean, signal: AbortSignal): Promise<void> {
    const { assignment, view } = job;
    const { run, id, attempt } = assignment;
    const append = async (event: Parameters<typeof toStored>[0], key: string): Promise<void> => {
      await store.append(runStream(run), [toStored(event)], { fence: turn.fence, commandId: key });
    };
    const unsent = !again && !assignment.attachFirst;
    const outcome = (await mayNotStart(assignment, view, unsent, signal)) ?? (await execute(job, turn, again, append, signal));
    if (outcome === "settled") return;
    await append(
      { type: "job.ended", v: 1, id: id as NodeRoleId, attempt, job: assignment.job, worker: name, outcome },
      jobKey(id as NodeRoleId, attempt, "ended"),
    );
    count({ ended: { ...tally.ended, [outcome.end]: tally.ended[outcome.end] + 1 } });
    log(`${run} ${id}: ${outcome.end}${outcome.end === "done" ? "" : ` (${outcome.problem.code})`}`);
  }

  async function execute(
    { assignment, view }: Running,
    turn: Turn,
    again: boolean,
    append: (event: Parameters<typeof toStored>[0], key: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<JobOutcome | "settled"> {
    const { run, id, attempt, job, attachFirst, staleness, token } = assignment;
    const state = view.state();
    const progress = state.nodeRoles.get(id as NodeRoleId);
    if (progress === undefined) return "settled";
    const takesOver = again || attachFirst;
    if (takesOver) count({ takenOver: tally.takenOver + 1 });
    log(`${run} ${id}: ${takesOver ? "takes over" : "begins"} (attempt ${attempt}, fence ${token}.${turn.fence.token})`);
    const over = new AbortController();
    // A cancel that came while nobody had the job.
    if (state.cancel !== undefined) void tellToEnd({ assignment, view }, state.cancel === "now", AbortSignal.any([signal, over.signal]));
    try {
      return await executeJob(
        guarded(view.site, turn),
        {
          run,
          planned: progress.planned,
          attempt,
          job,
          attachFirst: takesOver,
          rebooting: isRebooting(progress),
          staleness,
          outputs: state.outputs,
        },
        { token, turn: turn.fence.token },
        { append, cancelled: () => view.state().cancel },
        signal,
      );
    } finally {
      over.abort();
    }
  }

  /** Waits with a job that nobody saw begin while its run is paused. One that surely was not sent (`unsent`) is not begun once the run is cancelled. */
  async function mayNotStart(
    assignment: JobAssignment,
    view: RunView,
    unsent: boolean,
    signal: AbortSignal,
  ): Promise<JobOutcome | "settled" | undefined> {
    for (;;) {
      const state = view.state();
      if (!isWanted(state, assignment)) return "settled";
      if (state.cancel !== undefined && unsent) {
        const message = `${assignment.id} was not started: the run was cancelled.`;
        return { end: "failed", changed: 0, problem: problem("RUN_CANCELLED", { message, at: partsOf(assignment.id) }) };
      }
      const begun = state.nodeRoles.get(assignment.id as NodeRoleId)?.step !== undefined;
      if (!state.paused || begun || state.cancel !== undefined) return undefined;
      await clock.sleep(pausedMs, AbortSignal.any([signal, options.leaving]));
      await view.refresh();
    }
  }

  /** Tells a job on its node to end, for as long as this worker has it. */
  async function tellToEnd({ assignment, view }: Omit<Running, "stop">, now: boolean, signal: AbortSignal): Promise<void> {
    const { id, job } = assignment;
    const { node } = partsOf(id);
    const goesOn = (): boolean => running.has(`${id} ${job}`);
    await tellNode(job, now, { link: (until) => view.site.link(node, until), clock, goesOn }, signal);
  }

  async function handleClean({ run, jobs, emptied }: Extract<Assignment, { kind: "clean" }>, signal: AbortSignal): Promise<void> {
    const view = await views.of(run);
    if (view === undefined) return;
    await cleanJobs(new Map(Object.entries(jobs)), new Set(emptied), clock, (node) => view.site.link(node, signal));
  }

  return {
    async handle(delivery, again, signal) {
      const assignment = readAssignment(delivery.data);
      if (assignment === undefined) return log(`cannot read the delivery ${delivery.id}: left alone`);
      try {
        if (assignment.kind === "clean") await handleClean(assignment, signal);
        else await handleJob(assignment, again, signal);
      } catch (error) {
        count({ givenBack: tally.givenBack + 1 });
        log(`${delivery.id}: given back: ${signal.aborted ? "it is no longer this worker's" : wordsOf(error)}`);
        throw error;
      }
    },
    async follow(signal) {
      while (!signal.aborted) {
        try {
          const after = await store.head();
          await hearCancels([...running.values()], signal); // what came while nobody listened
          for await (const { stream, type } of store.subscribe({ after, signal })) {
            if (type !== "intent.cancel") continue;
            await hearCancels(
              [...running.values()].filter((each) => runStream(each.assignment.run) === stream),
              signal,
            );
          }
        } catch (error) {
          if (!hasCode(error, "STORE_UNAVAILABLE")) throw error;
          await clock.sleep(listenAgainMs, signal).catch(() => undefined);
        }
      }
    },
  };

  async function hearCancels(jobs: readonly Running[], signal: AbortSignal): Promise<void> {
    for (const job of jobs) {
      const { cancel } = await job.view.refresh();
      if (cancel === "abandon") job.stop.abort();
      else if (cancel !== undefined) void tellToEnd(job, cancel === "now", AbortSignal.any([signal, job.stop.signal]));
    }
  }
}

/** True while the engine waits for the job's end. */
function isWanted(state: RunState, { id, job }: JobAssignment): boolean {
  const progress: NodeRoleProgress | undefined = state.nodeRoles.get(id as NodeRoleId);
  return !hasEnded(state.phase) && progress?.state === "transition" && progress.job === job && progress.ended === undefined;
}

/** The way to the node and to its log, open while the turn lasts. */
function guarded(site: JobSite, turn: Turn): JobSite {
  const { logs } = site;
  return {
    ...site,
    link: async (node, signal) => {
      turn.assert();
      return await site.link(node, signal);
    },
    logs: {
      append: async (log, bytes) => {
        turn.assert();
        await logs.append(log, bytes);
      },
      read: (log, from, limit) => logs.read(log, from, limit),
      tail: (log, limit) => logs.tail(log, limit),
      forget: (run) => logs.forget(run),
    },
  };
}

function partsOf(id: string): { readonly node: string; readonly role: string } {
  const at = id.indexOf("/");
  return { node: id.slice(0, at), role: id.slice(at + 1) };
}

function wordsOf(error: unknown): string {
  if (error instanceof HalliganError) return `${error.code} ${error.problems[0].message}`;
  return error instanceof Error ? error.message : String(error);
}
