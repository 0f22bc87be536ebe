import type { CodeEntry } from "./entry.ts";

/** Problems found while a plan is made. */
export const planCodes = {
  PLAN_STALE: {
    exit: 4,
    means: "What the run would change is no longer what the plan said.",
    cause: "Somebody or something changed the node after the plan was made.",
    action: "Make a new plan, look at the difference and apply that one.",
  },
} as const satisfies Record<string, CodeEntry>;
