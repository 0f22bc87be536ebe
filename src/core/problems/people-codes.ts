import type { CodeEntry } from "./entry.ts";

/** Problems of people matters. */
export const peopleCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
