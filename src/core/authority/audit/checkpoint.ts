import { createPublicKey, verify } from "node:crypto";
import { hasCode } from "../../errors.ts";
import { toStored } from "../../journal/events.ts";
import type { Clock, Store } from "../../ports.ts";
import { type Checkpoint, checkpointHash, checkpointStream, genesis, type KeptEntry, signedBytes } from "./chain.ts";
import { newestOf } from "./newest.ts";

/** Signs checkpoints with a key that it does not show. */
export interface CheckpointSigner {
  /** Ed25519 public key, 32 bytes, base64. */
  readonly key: string;
  /** The signature, base64. */
  sign(bytes: Uint8Array): string;
}

interface CheckpointDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly signer: CheckpointSigner;
}

/** States that the chain reached this entry, unless a newer checkpoint is there. */
export async function writeCheckpoint({ store, clock, signer }: CheckpointDeps, entry: Pick<KeptEntry, "n" | "hash">): Promise<void> {
  for (let known = 0; ; ) {
    const head = await newestOf(store, checkpointStream, known);
    const before = head?.data as Checkpoint | undefined;
    if (before !== undefined && before.n >= entry.n) return;
    const prev = before === undefined ? genesis : checkpointHash(before);
    const open = { v: 1 as const, n: entry.n, hash: entry.hash, time: clock.now(), prev, key: signer.key };
    const checkpoint: Checkpoint = { ...open, signature: signer.sign(signedBytes(open)) };
    try {
      await store.append(checkpointStream, [toStored({ type: "audit.checkpoint", ...checkpoint })], { expected: head?.version ?? 0 });
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      known = head?.version ?? 0;
    }
  }
}

/** True when the checkpoint's signature is by the key that it names. Never throws. */
export function isSigned(checkpoint: Checkpoint): boolean {
  const { signature, ...open } = checkpoint;
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(checkpoint.key, "base64").toString("base64url") };
    return verify(null, signedBytes(open), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(signature, "base64"));
  } catch {
    return false; // what is no key or no signature signs nothing
  }
}
