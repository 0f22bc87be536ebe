import type { CodeEntry } from "./entry.ts";

/** Problems of lock matters. */
export const lockCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
