import type { ResolvedStep } from "../resolved.ts";
import { checkArgs } from "./checked.ts";
import type { Args } from "./kind.ts";
import { stepKinds } from "./kinds/index.ts";

/**
 * The steps that take others away, last first: the automatic undo. Steps of kinds without an inverse are left out. Ids stay, so that an undo
 * step is known by the step that it undoes. Secrets and blobs are not carried over: undoing needs none.
 */
export function inverseSteps(steps: readonly ResolvedStep[]): readonly ResolvedStep[] {
  return steps.toReversed().flatMap((step) => inverseOf(step) ?? []);
}

/** By step: one that is the same on all nodes is one object. */
const known = new WeakMap<ResolvedStep, { readonly inverse: ResolvedStep | undefined }>();

function inverseOf(step: ResolvedStep): ResolvedStep | undefined {
  const before = known.get(step);
  if (before !== undefined) return before.inverse;
  const inverse = makeInverse(step);
  known.set(step, { inverse });
  return inverse;
}

function makeInverse(step: ResolvedStep): ResolvedStep | undefined {
  const kind = stepKinds.get(step.kind);
  const parsed = kind === undefined ? undefined : checkArgs(kind, step.args);
  if (kind === undefined || parsed?.success !== true) return undefined;
  const inverse = kind.inverse(parsed.data as never, step);
  const target = inverse === undefined ? undefined : stepKinds.get(inverse.kind);
  const args = target?.schema.safeParse(inverse?.args);
  if (inverse === undefined || target === undefined || args?.success !== true) return undefined;
  return { ...step, kind: inverse.kind, label: `undo ${step.label}`, args: args.data as Args, blobs: {}, unknown: false, notify: [] };
}
