import { createHmac, timingSafeEqual } from "node:crypto";
import type { EpochMs } from "../../core/ports.ts";

/** Slack signs with the time; older or newer than this is refused: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const windowMs = 5 * 60_000;

/** A request as it came in. */
export interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
}

/** Why a request is not believed. */
export type Disbelief = "unsigned" | "skewed" | "forged" | "replayed";

/** Judges signed requests; remembers signatures for as long as they would be believed. */
export function createVerifier(secret: string, now: () => EpochMs): (request: SignedRequest) => Disbelief | undefined {
  const seen = new Map<string, EpochMs>();
  return ({ timestamp, signature, body }) => {
    if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/u.test(timestamp)) return "unsigned";
    const at = now();
    // Both ways: a clock that is ahead would make a signature good for longer than it is remembered.
    if (Math.abs(at - Number(timestamp) * 1000) > windowMs) return "skewed";
    const expected = Buffer.from(`v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`);
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "forged";
    for (const [old, until] of seen) {
      if (until >= at) break; // kept in the order in which they came
      seen.delete(old);
    }
    if (seen.has(signature)) return "replayed";
    seen.set(signature, at + 2 * windowMs);
    return undefined;
  };
}
