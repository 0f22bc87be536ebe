import { createHash } from "node:crypto";
import type { JournalEvent } from "../../journal/events.ts";
import type { Digest } from "../../model/ids.ts";
import { canonicalJson } from "../../plan/canonical.ts";
import type { Json } from "../../ports.ts";

/** Entries of the audit, one stream for the whole store. */
export const auditStream = "audit";

/** Its checkpoints stand apart: cutting the tail of the entries leaves them, and they tell. */
export const checkpointStream = "audit:checkpoints";

/** An entry as it is kept. */
export type KeptEntry = Omit<Extract<JournalEvent, { type: "audit.recorded" }>, "type" | "detail"> & { readonly detail?: Json };

/** A checkpoint as it is kept. */
export type Checkpoint = Omit<Extract<JournalEvent, { type: "audit.checkpoint" }>, "type">;

/** What the first entry and the first checkpoint name as their predecessor. */
export const genesis: Digest = `sha256:${"0".repeat(64)}`;

/** The hash of an entry: over everything in it but the hash itself. */
export function entryHash(entry: Omit<KeptEntry, "hash">): Digest {
  return hashed("halligan.audit.entry.v1", entry);
}

/** The hash of a whole checkpoint, its signature included: the next one names it. */
export function checkpointHash(checkpoint: Checkpoint): Digest {
  return hashed("halligan.audit.checkpoint.v1", checkpoint);
}

/** The bytes that a checkpoint's signature is over (docs/audit.md). */
export function signedBytes(checkpoint: Omit<Checkpoint, "signature">): Uint8Array {
  return Buffer.from(`halligan.audit.signed-checkpoint.v1\0${canonicalJson(checkpoint)}`, "utf8");
}

/** The domain in front keeps a hash of one kind from being passed off as one of another kind. */
function hashed(domain: string, value: unknown): Digest {
  return `sha256:${createHash("sha256")
    .update(`${domain}\0${canonicalJson(value)}`, "utf8")
    .digest("hex")}`;
}
