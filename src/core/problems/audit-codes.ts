import type { CodeEntry } from "./entry.ts";

/** Problems of the audit and of commands on many nodes. */
export const auditCodes = {
  AUDIT_BROKEN: {
    exit: 1,
    means: "The audit is not what was written: entries or checkpoints were changed, removed, added or moved.",
    cause: "Somebody wrote to the store past Halligan, or the store was put back from an older copy.",
    action: "Keep a copy of the store as it is, compare it with the newest backup, and find out who could write to it.",
  },
  AUDIT_KEY_UNUSABLE: {
    exit: 2,
    means: "The key file that signs checkpoints of the audit cannot be used.",
    cause: "It is readable by others, damaged, or not an Ed25519 key.",
    action: "Restore the key file with mode 0600, or move it away: a new key is then made, and `audit verify` tells them apart.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
