import { Worker } from "node:worker_threads";
import type { PolicyEngine, PolicyJob, RuleVerdict } from "../../authority/policy/world.ts";
import { programFile } from "../files/package.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** A worker that has not begun after this will not begin: the machine is overwhelmed or the installation is not complete. */
const beginMs = 60_000;
/** Memory of the worker's heap: a rule that builds ever longer lists ends it, not the engine. */
const heapMiB = 512;

/** An engine in a thread of its own. Close it when it is needed no more; it does not keep the process alive. */
export interface WorkerEngine extends PolicyEngine {
  close(): Promise<void>;
}

type Verdicts = readonly RuleVerdict[];

/** Judges rules in a worker. A rule that does not answer within the deadline is stopped with its worker; the others go on in a new one. */
export function createWorkerEngine(): WorkerEngine {
  let worker: Worker | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const stop = async (): Promise<void> => {
    const old = worker;
    worker = undefined;
    await old?.terminate();
  };

  const start = (): Worker => {
    const made = new Worker(programFile("core/adapters/policy/worker"), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    });
    made.on("error", () => undefined); // whoever waits for an answer hears that it is gone
    made.once("exit", () => {
      if (worker === made) worker = undefined;
    });
    return made;
  };

  /** Sends the rules and collects verdicts until all have answered or one does not. */
  const attempt = async (job: PolicyJob): Promise<Verdicts[]> => {
    const current = (worker ??= start());
    const judged: Verdicts[] = [];
    const complete = await new Promise<boolean>((resolve) => {
      let timer = setTimeout(end, beginMs, false);
      current.ref();
      current.on("message", heard);
      // Out of memory, or the file of the worker is gone.
      current.once("exit", lost);
      const message: ToWorker = { rules: job.rules, surroundings: job.surroundings, worlds: job.worlds };
      current.postMessage(message);

      function heard(message: FromWorker): void {
        clearTimeout(timer);
        if (message.type === "judged") judged.push(message.verdicts);
        if (judged.length === job.rules.length) end(true);
        else timer = setTimeout(end, job.deadlineMs, false);
      }
      function lost(): void {
        end(false);
      }
      function end(whole: boolean): void {
        clearTimeout(timer);
        current.off("message", heard);
        current.off("exit", lost);
        current.unref();
        resolve(whole);
      }
    });
    if (!complete) await stop();
    return judged;
  };

  const judge = async (job: PolicyJob): Promise<readonly Verdicts[]> => {
    const verdicts: Verdicts[] = [];
    while (verdicts.length < job.rules.length) {
      verdicts.push(...(await attempt({ ...job, rules: job.rules.slice(verdicts.length) })));
      const guilty = job.rules[verdicts.length];
      if (guilty !== undefined)
        verdicts.push(job.worlds.map(() => ({ rule: guilty.id, passed: 0, skipped: 0, findings: [], timedOut: true })));
    }
    return verdicts;
  };

  return {
    judge: (job) => {
      const mine = turn.then(() => judge(job));
      turn = mine.catch(() => undefined);
      return mine;
    },
    close: stop,
  };
}
