import type { AuditTrail } from "./trail.ts";

/** The audit of one cluster folder: the trail, and the keys that sign its checkpoints. */
export interface AuditDesk extends AuditTrail {
  /** What somebody typed, without the values of secrets that are known here. */
  redacted(text: string): Promise<string>;
  /** This user's public key for checkpoints (32 bytes, base64), made at first need. Problems: `AUDIT_KEY_UNUSABLE`. */
  key(): Promise<string>;
  /** The public keys of everybody who signs checkpoints from this folder. Problems: `AUDIT_KEY_UNUSABLE`. */
  trustedKeys(): Promise<ReadonlySet<string>>;
}
