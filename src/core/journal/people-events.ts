import type { z } from "zod";

/** Events about people: stated here, spread into the one union of events.ts. */
export const peopleEvents = {} satisfies Readonly<Record<string, z.ZodType>>;
