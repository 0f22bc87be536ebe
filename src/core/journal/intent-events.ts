import { z } from "zod";

const v = z.literal(1);
const by = z.string();
const digest = z.templateLiteral(["sha256:", z.string()]);
const revision = z.templateLiteral(["V-", z.int()]);
const proposal = z.templateLiteral(["D-", z.int()]);
const origin = z.union([z.object({ kind: z.enum(["first", "edit", "barclamps"]) }), z.object({ kind: z.literal("proposal"), proposal })]);

/** Events about what people want the cluster to be: stated here, spread into the one union of events.ts. */
export const intentEvents = {
  "revision.made": z.object({ v, revision, digest, by, origin }),
  /** `paths`: what it changes, settings paths without values. */
  "proposal.made": z.object({ v, proposal, by, base: digest, after: digest, paths: z.array(z.string()), note: z.string().optional() }),
  "proposal.changed": z.object({ v, proposal, by, after: digest, paths: z.array(z.string()), why: z.enum(["edited", "rebased"]) }),
  "proposal.committed": z.object({ v, proposal, by, revision, git: z.string().optional() }),
  "proposal.dropped": z.object({ v, proposal, by }),
} satisfies Readonly<Record<string, z.ZodType>>;
