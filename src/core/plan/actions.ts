import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Digest } from "../model/ids.ts";
import { canonicalText, digestOfText } from "./canonical.ts";
import type { Resolution } from "./resolve.ts";

/** A step as it may be digested: secrets and late values shown by placeholders. */
export type Shown = (step: ResolvedStep) => Pick<ResolvedStep, "args" | "blobs">;

/** Digests of what node-roles would do. Steps that many of them share are put into text once. */
export class ActionDigests {
  readonly #texts = new Map<ResolvedStep, string>();

  /** Says that the step is one object in everything that has it. */
  share(step: ResolvedStep): void {
    if (!this.#texts.has(step)) this.#texts.set(step, "");
  }

  /**
   * Digest over everything that a node-role would do: arguments as shown, contents, order, secret versions. Real secret values stay out of it,
   * so that the digest, which everybody sees, cannot be used to guess them.
   */
  of({ resolved, undo, secrets }: Pick<Resolution, "resolved" | "undo" | "secrets">, shown: Shown): Digest {
    const { steps, verify, around, outputs } = resolved;
    const list = (section: readonly ResolvedStep[]): string => `[${section.map((step) => this.#textOf(step, shown)).join(",")}]`;
    // Canonical JSON: keys in the order of their code units.
    const parts = [
      `"after":${list(around.after)}`,
      `"before":${list(around.before)}`,
      `"onFailure":${list(around.onFailure)}`,
      `"outputs":${canonicalText(outputs)}`,
      `"secrets":${canonicalText(secrets)}`,
      `"steps":${list(steps)}`,
      `"undo":${undo === "auto" ? `"auto"` : list(undo)}`,
      `"verify":${list(verify)}`,
    ];
    return digestOfText(`{${parts.join(",")}}`);
  }

  #textOf(step: ResolvedStep, shown: Shown): string {
    const known = this.#texts.get(step);
    if (known !== undefined && known !== "") return known;
    const { args, blobs } = shown(step);
    const digests = Object.fromEntries(Object.entries(blobs).map(([name, blob]) => [name, blob.digest]));
    const text = canonicalText({ ...step, args, blobs: digests });
    if (known !== undefined) this.#texts.set(step, text);
    return text;
  }
}
