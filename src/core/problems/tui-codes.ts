import type { CodeEntry } from "./entry.ts";

/** Problems of tui matters. */
export const tuiCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
