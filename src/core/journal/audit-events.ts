import { z } from "zod";

const v = z.literal(1);
const digest = z.templateLiteral(["sha256:", z.string()]);

/** Events about audit: stated here, spread into the one union of events.ts. */
export const auditEvents = {
  /** One attempt, allowed or refused. Every entry holds the hash of the one before it (authority/audit/chain.ts). */
  "audit.recorded": z.object({
    v,
    /** Place in the chain, from 1; the version in the stream `audit`. */
    n: z.int(),
    /** When it was written, by the writer's clock. */
    time: z.number(),
    by: z.string(),
    principal: z.string(),
    front: z.enum(["cli", "tui", "slack", "engine"]),
    action: z.string(),
    resource: z.string().optional(),
    decision: z.enum(["allowed", "refused"]),
    code: z.string().optional(),
    reason: z.string().optional(),
    /** Arguments, without secret values, cut where they are long. */
    detail: z.json().optional(),
    prev: digest,
    hash: digest,
  }),
  /** A signed statement of how far the chain reached. */
  "audit.checkpoint": z.object({
    v,
    /** The newest entry that it covers, and that entry's hash. */
    n: z.int(),
    hash: digest,
    time: z.number(),
    /** Hash of the checkpoint before it. */
    prev: digest,
    /** The signer's Ed25519 public key, 32 bytes, base64. */
    key: z.string(),
    signature: z.string(),
  }),
} satisfies Readonly<Record<string, z.ZodType>>;
