import type { z } from "zod";

/** Events about audit: stated here, spread into the one union of events.ts. */
export const auditEvents = {} satisfies Readonly<Record<string, z.ZodType>>;
