import type { z } from "zod";

/** Events about policy: stated here, spread into the one union of events.ts. */
export const policyEvents = {} satisfies Readonly<Record<string, z.ZodType>>;
