import { type ClusterPlace, type Problem, problem } from "../errors.ts";
import type { ResolvedCheck } from "../jigs/resolved.ts";

/** A condition that does not hold, in its barclamp's own code and words; what was seen is the cause. Problem: `PRECHECK_FAILED`. */
export function unmetProblem(check: ResolvedCheck, observed: string, at: ClusterPlace): Problem {
  const { code, message, hint } = check;
  return problem("PRECHECK_FAILED", {
    message: `${code}: ${message ?? observed}`,
    at,
    cause: message === undefined ? undefined : observed,
    hint,
  });
}
