import { afterAll, beforeAll, beforeEach } from "vitest";
import { spanMs } from "./dice.ts";
import { openStage, type Stage } from "./stage.ts";
import { tally } from "./tally.ts";
import { type Outcome, runTrial, type TrialWish } from "./trial.ts";

/** The trials of one file: their stage of two nodes, and what they come to. */
export interface Trials {
  readonly stage: Stage;
  /** Makes one trial of the fault of this name and adds it up; at the end of the file the sums are printed. */
  run(name: string, wish: Omit<TrialWish, "stage">): Promise<Outcome>;
}

/** Sets the stage for the trials of a file, or of a `describe`: call it at its top. `sshPort`: the links lead there, not to the lab's servers. */
export function useTrials(sshPort?: number): Trials {
  const figures = tally();
  let stage: Stage;
  const begun = new Map<string, number>();
  beforeAll(async () => {
    stage = await openStage(2, sshPort);
  });
  beforeEach(({ task, skip }) => {
    const fault = task.name.replace(/, seed \d+$/u, "");
    const since = begun.get(fault) ?? performance.now();
    begun.set(fault, since);
    skip(performance.now() - since > spanMs, "its time is over");
  });
  afterAll(async () => {
    figures.say();
    await stage?.dispose();
  });
  return {
    get stage() {
      return stage;
    },
    run: async (name, wish) => figures.add(name, wish.seed, await runTrial({ ...wish, stage })),
  };
}
