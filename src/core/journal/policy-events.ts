import { z } from "zod";

const v = z.literal(1);
/** Absent = everywhere. */
const node = z.string().optional();
const deployment = z.string().optional();

/** Events about policy: stated here, spread into the one union of events.ts. Stream `policy`. */
export const policyEvents = {
  /** Somebody answers for a rule that does not hold. `until`: ms since the epoch; afterwards the waiver counts no more. */
  "policy.waived": z.object({ v, rule: z.string(), node, deployment, reason: z.string(), by: z.string(), until: z.number() }),
  /** A waiver was ended before its time. */
  "policy.waiver-ended": z.object({ v, rule: z.string(), node, deployment, by: z.string() }),
} satisfies Readonly<Record<string, z.ZodType>>;
