import type { ProofResult } from "../run/proving/outcome.ts";

/** How a proof ended, a few words. */
export function outcomeWords(result: ProofResult): string {
  switch (result.outcome) {
    case "proven":
      return "proven";
    case "failed":
      return "failed";
    case "interrupted":
      return "interrupted, and cleaned up";
    case "not-tried":
      return `not tried: ${whyWords(result)}`;
    default:
      return result satisfies never;
  }
}

function whyWords(result: Extract<ProofResult, { outcome: "not-tried" }>): string {
  switch (result.why) {
    case "not-active":
      return `${result.node}/${result.role} is not active`;
    case "unreachable":
      return `${result.node} was not reached`;
    case "unresolved":
      return "its steps need a value that is not known";
    case "needs":
      return `${result.needs} was not proven`;
    case "interrupted":
      return "interrupted";
    default:
      return result satisfies never;
  }
}
