import { afterAll, beforeAll } from "vitest";
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
  beforeAll(async () => {
    stage = await openStage(2, sshPort);
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
