import type { CodeEntry } from "./entry.ts";

/** Problems of audit matters. */
export const auditCodes = {} satisfies Readonly<Record<string, CodeEntry>>;
