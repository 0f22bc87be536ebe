import type { CodeEntry } from "./entry.ts";

/** Problems of a run. */
export const runCodes = {
  STEP_FAILED: {
    exit: 1,
    means: "A step on a node ended with a failure.",
    cause: "The command that is shown returned an error.",
    action: "Read the step's output with `halligan logs`, mend the cause, then plan and apply again.",
  },
  BUG: {
    exit: 70,
    means: "Halligan met a state that should be impossible.",
    cause: "A defect in Halligan.",
    action: "Run again with `--trace` and report what it prints.",
  },
} as const satisfies Record<string, CodeEntry>;
