import { z } from "zod";

const v = z.literal(1);
const lockId = z.templateLiteral(["L-", z.int()]);
const freezeId = z.templateLiteral(["F-", z.int()]);
const runId = z.templateLiteral(["R-", z.int()]);
/** A deployment; absent = the whole cluster. */
const deployment = z.string().optional();

/** Events about locks, freezes and break-glass: stated here, spread into the one union of events.ts. */
export const lockEvents = {
  "lock.taken": z.object({
    v,
    lock: lockId,
    deployment,
    holder: z.string(),
    reason: z.string(),
    /** When it ends by itself, ms since the epoch. */
    until: z.number().optional(),
    /** Grows with every lock: who names it cannot mean a later lock of the same deployment. */
    token: z.int(),
  }),
  /** `from`: whom it was taken from, when it was forced. */
  "lock.released": z.object({
    v,
    lock: lockId,
    deployment,
    token: z.int(),
    by: z.string(),
    forced: z.object({ from: z.string(), reason: z.string() }).optional(),
  }),

  "freeze.set": z.object({
    v,
    freeze: freezeId,
    /** Empty = the whole cluster. */
    deployments: z.array(z.string()),
    from: z.number(),
    until: z.number(),
    reason: z.string(),
    by: z.string(),
  }),
  /** A freeze was lifted; for a window of the cluster file (`freeze` is its name) only until `until`, the end of its present or next occurrence. */
  "freeze.lifted": z.object({ v, freeze: z.string(), by: z.string(), until: z.number().optional() }),

  /** What a run was taken past, as `CODE: message`. */
  "breakglass.passed": z.object({ v, run: runId, phase: z.enum(["request", "start", "batch"]), passed: z.array(z.string()) }),
  "breakglass.reviewed": z.object({ v, run: runId, by: z.string(), note: z.string() }),
} satisfies Readonly<Record<string, z.ZodType>>;
