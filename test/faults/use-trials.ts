import { afterAll, beforeAll, beforeEach } from "vitest";
import { isLong, spanMs } from "./dice.ts";
import { openStage, type Stage } from "./stage.ts";
import { tally } from "./tally.ts";
import { type Outcome, runTrial, type TrialWish } from "./trial.ts";

/** Trials of one file run beside each other in the long form (vitest's `--maxConcurrency` says how many): they wait more than they compute. */
export const beside = { concurrent: isLong } as const;

/** The trials of one file: their stages of two nodes each, and what they come to. */
export interface Trials {
  /** Makes one trial of the fault of this name and adds it up; at the end of the file the sums are printed. Without a stage it takes one that is free. */
  run(name: string, wish: Omit<TrialWish, "stage"> & { readonly stage?: Stage }): Promise<Outcome>;
  /** Adds up a trial that is not a run; `work` has a stage for itself. */
  own(name: string, seed: number, work: (stage: Stage) => Promise<Outcome>): Promise<Outcome>;
  /** Lends a stage that nobody else uses meanwhile. */
  lend<T>(work: (stage: Stage) => Promise<T>): Promise<T>;
}

/** How the stages of a file differ from others. */
export interface StageWish {
  /** The links lead there, not to the lab's own SSH servers. */
  readonly sshPort?: number;
  /** Done once with each stage before anything else. */
  readonly furnish?: (stage: Stage) => Promise<void>;
}

/** Sets the stages for the trials of a file, or of a `describe`: call it at its top. As many are opened as trials run beside each other. */
export function useTrials({ sshPort, furnish }: StageWish = {}): Trials {
  const figures = tally();
  const free: Stage[] = [];
  const all: Stage[] = [];
  const spoiled = new Set<Stage>();
  const begun = new Map<string, number>();
  const open = async (): Promise<Stage> => {
    const stage = await openStage(2, sshPort);
    all.push(stage);
    await furnish?.(stage);
    return stage;
  };
  const lend: Trials["lend"] = async (work) => {
    const stage = free.pop() ?? (await open());
    const result = await work(stage);
    // One on which something went wrong may hold what the next trial would be blamed for: it is not used again.
    if (!spoiled.has(stage)) free.push(stage);
    return result;
  };
  beforeAll(async () => {
    free.push(await open());
  });
  beforeEach(({ task, skip }) => {
    const fault = task.name.replace(/, seed \d+$/u, "");
    const since = begun.get(fault) ?? performance.now();
    begun.set(fault, since);
    if (performance.now() - since <= spanMs) return;
    figures.skip(fault);
    skip("its time is over");
  });
  afterAll(async () => {
    figures.say();
    await Promise.all(all.map((stage) => stage.dispose()));
  });
  const added =
    (name: string, seed: number, work: (stage: Stage) => Promise<Outcome>) =>
    async (stage: Stage): Promise<Outcome> => {
      try {
        const outcome = figures.add(name, seed, await work(stage));
        if (outcome.broken.length > 0) spoiled.add(stage);
        return outcome;
      } catch (error) {
        figures.add(name, seed, { broken: [String(error)], figures: new Map() });
        throw error;
      }
    };
  return {
    lend,
    own: (name, seed, work) => lend(added(name, seed, work)),
    async run(name, { stage: given, ...wish }) {
      const trial = added(name, wish.seed, (stage) => runTrial({ ...wish, stage }));
      return given === undefined ? await lend(trial) : await trial(given);
    },
  };
}
