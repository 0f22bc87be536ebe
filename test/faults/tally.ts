import { appendFileSync } from "node:fs";
import { expect } from "vitest";
import type { Outcome } from "./trial.ts";

/** Sums what the trials of one file came to, for the record. */
export interface Tally {
  /** Adds a trial and gives it back; what was broken is printed with the seed that repeats it. */
  add(fault: string, seed: number, outcome: Outcome): Outcome;
  /** Notes a trial for which there was no time. */
  skip(fault: string): void;
  /** Prints one line per fault; and adds it to the file that HALLIGAN_FAULT_RECORD names, as JSON. */
  say(): void;
}

/** What the trials of one fault came to. */
interface Sum {
  trials: number;
  broken: number;
  skipped: number;
  readonly figures: Map<string, number>;
}

/** Begins to count. */
export function tally(): Tally {
  const sums = new Map<string, Sum>();
  const sumOf = (fault: string): Sum => {
    const sum = sums.get(fault) ?? { trials: 0, broken: 0, skipped: 0, figures: new Map<string, number>() };
    sums.set(fault, sum);
    return sum;
  };
  return {
    add(fault, seed, outcome) {
      const sum = sumOf(fault);
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
    skip: (fault) => void (sumOf(fault).skipped += 1),
    say() {
      const record = process.env["HALLIGAN_FAULT_RECORD"] ?? "";
      for (const [fault, { trials, broken, skipped, figures }] of sums) {
        const more = [...figures].filter(([, sum]) => sum > 0).map(([what, sum]) => `${what} ${sum}`);
        const late = skipped === 0 ? "" : ` (time did not allow ${skipped} more)`;
        process.stdout.write(`fault: ${fault}: ${trials} trials${late}, ${broken} with a broken promise; ${more.join(", ")}\n`);
        if (record !== "") appendFileSync(record, `${JSON.stringify({ fault, trials, broken, skipped })}\n`);
      }
    },
  };
}
