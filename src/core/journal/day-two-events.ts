import { z } from "zod";

const v = z.literal(1);
const nodeRole = z.templateLiteral([z.string(), "/", z.string()]);

/** Events about what stands, outside of runs: stated here, spread into the one union of events.ts. */
export const dayTwoEvents = {
  "noderole.forgotten": z.object({ v, ids: z.array(nodeRole), by: z.string(), reason: z.string() }),
  /** Somebody compared what stands with its nodes. `ids`: what has drifted, at most 100 of them. */
  "drift.looked": z.object({
    v,
    by: z.string(),
    checked: z.int(),
    drifted: z.int(),
    unchecked: z.int(),
    ids: z.array(nodeRole),
  }),
} satisfies Readonly<Record<string, z.ZodType>>;
