import type { CodeEntry } from "./entry.ts";

/** Problems of policy matters. */
export const policyCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
