import type { z } from "zod";

/** Events about approval: stated here, spread into the one union of events.ts. */
export const approvalEvents = {} satisfies Readonly<Record<string, z.ZodType>>;
