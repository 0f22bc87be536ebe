import { z } from "zod";

const v = z.literal(1);
const nodeRole = z.templateLiteral([z.string(), "/", z.string()]);

/** Events about what stands, outside of runs: stated here, spread into the one union of events.ts. */
export const dayTwoEvents = {
  "noderole.forgotten": z.object({ v, ids: z.array(nodeRole), by: z.string(), reason: z.string() }),
} satisfies Readonly<Record<string, z.ZodType>>;
