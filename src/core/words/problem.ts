import type { Problem } from "../errors.ts";

/** What of a problem can be told, also when it comes out of an event that a newer version wrote. */
export interface ProblemFacts extends Omit<Problem, "code" | "at" | "cause"> {
  readonly code: string;
  readonly at?: unknown;
  readonly cause?: string | undefined;
}

/** The node-role that a problem speaks of, `NODE/ROLE`, or as much of it as is known. */
export function placeOf(at: unknown): { readonly id: string; readonly step?: string } | undefined {
  if (typeof at !== "object" || at === null || !("node" in at) || typeof at.node !== "string") return undefined;
  const role = "role" in at && typeof at.role === "string" ? `/${at.role}` : "";
  const step = "step" in at && typeof at.step === "string" ? { step: at.step } : {};
  return { id: `${at.node}${role}`, ...step };
}

/** The next action for a failure in a run, with the commands as they are typed for it. */
export function nextAction(run: string, failure: ProblemFacts): string {
  const place = placeOf(failure.at);
  if (place?.id.includes("/") !== true || !hasOutput.has(failure.code)) return failure.hint;
  const logs = `\`halligan logs ${run} ${place.id}\``;
  const hint = failure.hint.replace("`halligan retry`", `\`halligan retry ${run}\``);
  return hint.includes("`halligan logs`") ? hint.replace("`halligan logs`", logs) : `${hint} ${logs} has its output.`;
}

/** Codes of problems that come after something ran on the node, so that there is output to read. */
const hasOutput = new Set(["STEP_FAILED", "STEP_TIMEOUT", "VERIFY_FAILED", "OUTCOME_UNKNOWN", "CHECK_FAILED"]);
