import type { CodeEntry } from "./entry.ts";

/** Problems of secret matters. */
export const secretCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
