import { type ClusterPlace, type Problem, problem } from "../errors.ts";
import type { ResolvedCheck } from "../jigs/resolved.ts";

/** Of what a command printed, so many lines are told. */
const saidLines = 3;

/** A command's exit code alone explains nothing beside the barclamp's own words. */
const bareExit = /^it ended with exit code \d+$/u;

/** What was seen of a condition that does not hold: what a command printed last tells more than its exit code. */
export function seenOf(message: string, printed: string): string {
  const said = printed.trim().split("\n").slice(-saidLines).join("\n");
  if (said === "") return message;
  return message === "" || bareExit.test(message) ? said : `${message}: ${said}`;
}

/** A condition that does not hold, in its barclamp's own code and words; what was seen is the cause. Problem: `PRECHECK_FAILED`. */
export function unmetProblem(check: ResolvedCheck, observed: string, at: ClusterPlace): Problem {
  const { code, message, hint } = check;
  return problem("PRECHECK_FAILED", {
    message: `${code}: ${message ?? observed}`,
    at,
    cause: message === undefined || bareExit.test(observed) ? undefined : observed,
    hint,
  });
}
