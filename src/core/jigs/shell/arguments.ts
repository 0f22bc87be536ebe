import { HalliganError, problem } from "../../errors.ts";
import type { ResolvedStep } from "../resolved.ts";
import { checkArgs } from "./checked.ts";
import type { StepKind } from "./kind.ts";

/** The kind of a step and its checked arguments. Problems: `STEP_INVALID`; messages never hold values of secret steps. */
export function parseArgs(step: ResolvedStep, kinds: ReadonlyMap<string, StepKind>): { readonly kind: StepKind; readonly args: unknown } {
  const kind = kinds.get(step.kind);
  if (kind === undefined) {
    throw new HalliganError([
      problem("STEP_INVALID", { message: `There is no step kind '${step.kind}' (step ${step.id}).`, at: { step: step.id } }),
    ]);
  }
  const parsed = checkArgs(kind, step.args);
  if (parsed.success) return { kind, args: parsed.data };
  const [first, ...rest] = parsed.error.issues.map((issue) =>
    problem("STEP_INVALID", {
      message: `Step ${step.id}: ${issue.path.length === 0 ? "" : `${issue.path.join(".")}: `}${issue.message}.`,
      at: { step: step.id },
    }),
  );
  throw new HalliganError([first ?? problem("STEP_INVALID", { message: `Step ${step.id} has wrong arguments.` }), ...rest]);
}
