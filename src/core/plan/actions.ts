import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Digest } from "../model/ids.ts";
import type { Json } from "../ports.ts";
import { digestOf } from "./canonical.ts";
import type { Resolution } from "./resolve.ts";

/** A step as it may be digested: secrets and late values shown by placeholders. */
export type Shown = (step: ResolvedStep) => Pick<ResolvedStep, "args" | "blobs">;

/**
 * Digest over everything that a node-role would do: arguments as shown, contents, order, secret versions. Real secret values stay out of it,
 * so that the digest, which everybody sees, cannot be used to guess them.
 */
export function actionsDigest({ resolved, undo, secrets }: Pick<Resolution, "resolved" | "undo" | "secrets">, shown: Shown): Digest {
  const { steps, verify, around, outputs } = resolved;
  const plain = (step: ResolvedStep): Json => {
    const { args, blobs } = shown(step);
    const digests = Object.fromEntries(Object.entries(blobs).map(([name, blob]) => [name, blob.digest]));
    return { ...step, args: { ...args }, blobs: digests, notify: [...step.notify] };
  };
  const body: Json = {
    steps: steps.map(plain),
    verify: verify.map(plain),
    before: around.before.map(plain),
    after: around.after.map(plain),
    onFailure: around.onFailure.map(plain),
    undo: undo === "auto" ? undo : undo.map(plain),
    outputs: outputs.map((each) => ({ ...each })),
    secrets: secrets.map((each) => ({ ...each })),
  };
  return digestOf(body);
}
