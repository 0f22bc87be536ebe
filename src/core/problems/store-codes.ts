import type { CodeEntry } from "./entry.ts";

/** Problems of the store and the journal. */
export const storeCodes = {
  VERSION_CONFLICT: {
    exit: 4,
    means: "Somebody else wrote first.",
    cause: "Two commands changed the same thing at the same time.",
    action: "Look at the new state and run the command again.",
  },
  FENCED: {
    exit: 4,
    means: "This process lost its lease and may not write any more.",
    cause: "It was stopped or cut off for longer than the lease lasts, and another engine took over.",
    action: "Nothing to do: the other engine goes on. `halligan status` shows it.",
  },
} as const satisfies Record<string, CodeEntry>;
