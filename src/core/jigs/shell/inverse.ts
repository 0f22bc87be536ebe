import type { ResolvedStep } from "../resolved.ts";
import type { Args } from "./kind.ts";
import { stepKinds } from "./kinds/index.ts";

/**
 * The steps that take others away, last first: the automatic undo. Steps of kinds without an inverse are left out. Ids stay, so that an undo
 * step is known by the step that it undoes. Secrets and blobs are not carried over: undoing needs none.
 */
export function inverseSteps(steps: readonly ResolvedStep[]): readonly ResolvedStep[] {
  return steps.toReversed().flatMap((step) => {
    const kind = stepKinds.get(step.kind);
    const parsed = kind?.schema.safeParse(step.args);
    if (kind === undefined || parsed?.success !== true) return [];
    const inverse = kind.inverse(parsed.data, step);
    const target = inverse === undefined ? undefined : stepKinds.get(inverse.kind);
    const args = target?.schema.safeParse(inverse?.args);
    if (inverse === undefined || target === undefined || args?.success !== true) return [];
    return [{ ...step, kind: inverse.kind, label: `undo ${step.label}`, args: args.data as Args, blobs: {}, unknown: false, notify: [] }];
  });
}
