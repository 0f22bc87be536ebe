import { expect } from "vitest";
import type { Outcome } from "./trial.ts";

/** Sums what the trials of one file came to, for the record. */
export interface Tally {
  /** Adds a trial and gives it back; what was broken is printed with the seed that repeats it. */
  add(fault: string, seed: number, outcome: Outcome): Outcome;
  /** Prints one line per fault. */
  say(): void;
}

/** Begins to count. */
export function tally(): Tally {
  const sums = new Map<string, { trials: number; broken: number; readonly figures: Map<string, number> }>();
  return {
    add(fault, seed, outcome) {
      const sum = sums.get(fault) ?? { trials: 0, broken: 0, figures: new Map<string, number>() };
      sums.set(fault, sum);
      sum.trials += 1;
      if (outcome.broken.length > 0) sum.broken += 1;
      for (const [what, by] of outcome.figures) sum.figures.set(what, (sum.figures.get(what) ?? 0) + by);
      const file = expect.getState().testPath?.split("/").at(-1);
      if (outcome.broken.length > 0)
        process.stdout.write(
          `fault: ${fault}, seed ${seed}: ${outcome.broken.join("; ")}\n  again: HALLIGAN_FAULT_SEED=${seed} npm run test:faults -- test/faults/${file} -t "${fault}"\n`,
        );
      return outcome;
    },
    say() {
      for (const [fault, { trials, broken, figures }] of sums) {
        const more = [...figures].filter(([, sum]) => sum > 0).map(([what, sum]) => `${what} ${sum}`);
        process.stdout.write(`fault: ${fault}: ${trials} trials, ${broken} with a broken promise; ${more.join(", ")}\n`);
      }
    },
  };
}
