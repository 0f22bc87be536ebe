import type { CodeEntry } from "./entry.ts";

/** Problems of the lab. */
export const labCodes = {
  LAB_UNSUPPORTED: {
    exit: 2,
    means: "This machine cannot run the lab driver that was asked for.",
    cause: "The kernel refuses user namespaces or overlay mounts, or root is needed.",
    action: "Follow the hint, or use another `--driver`.",
  },
} as const satisfies Record<string, CodeEntry>;
