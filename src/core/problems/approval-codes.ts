import type { CodeEntry } from "./entry.ts";

/** Problems of approval matters. */
export const approvalCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
