import { createHash } from "node:crypto";
import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Digest } from "../model/ids.ts";
import type { Json } from "../ports.ts";
import { canonicalJson } from "./canonical.ts";
import type { Resolution } from "./resolve.ts";

/** Digest over everything that a node-role would do: arguments as rendered (placeholders for secrets and late values), contents, order, secret versions. */
export function actionsDigest({ resolved, undo, secrets }: Pick<Resolution, "resolved" | "undo" | "secrets">): Digest {
  const { steps, verify, around, outputs } = resolved;
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
  return `sha256:${createHash("sha256").update(canonicalJson(body)).digest("hex")}`;
}

function plain(step: ResolvedStep): Json {
  const blobs = Object.fromEntries(Object.entries(step.blobs).map(([name, blob]) => [name, blob.digest]));
  return { ...step, args: { ...step.args }, blobs, notify: [...step.notify] };
}
