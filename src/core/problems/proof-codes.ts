import type { CodeEntry } from "./entry.ts";

/** Problems of `verify --prove`. */
export const proofCodes = {
  CAPABILITY_UNKNOWN: {
    exit: 2,
    means: "A capability was named that no role of the cluster declares.",
    cause: "A mistyped name, or a barclamp that is not placed in this cluster.",
    action: "`halligan barclamp show NAME` lists what the roles of a barclamp prove.",
  },
  PROOF_FAILED: {
    exit: 1,
    means: "A role could not do what it declares that it can do. What the proof had made was taken back.",
    cause: "The service answers, or its process runs, but it does not do its work: the step that is shown says what it met.",
    action:
      "Read the step's last words above and the service's own log on that node; then try it alone with `halligan verify --capability NAME`.",
  },
  PROOF_LEFT_BEHIND: {
    exit: 1,
    means: "The cleanup of a proof failed: what the proof made may still be there.",
    cause: "The service broke between the proof and its cleanup, or the cleanup cannot do what it says.",
    action: "Look for things named `proof-...` in the service, and remove them by hand.",
  },
} as const satisfies Record<string, CodeEntry>;
