import type { z } from "zod";

/** Events about lock: stated here, spread into the one union of events.ts. */
export const lockEvents = {} satisfies Readonly<Record<string, z.ZodType>>;
