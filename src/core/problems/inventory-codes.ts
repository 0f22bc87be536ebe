import type { CodeEntry } from "./entry.ts";

/** Problems of discovering nodes and their facts. */
export const inventoryCodes = {
  PROBE_FAILED: {
    exit: 5,
    means: "The probe did not return facts.",
    cause: "The node has no working /bin/sh, or its answer was cut.",
    action: "Run `halligan doctor` for this node, and `--trace` to see the probe's output.",
  },
} as const satisfies Record<string, CodeEntry>;
