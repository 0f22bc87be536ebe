import type { Problem } from "../errors.ts";
import type { ExitCode } from "../problems/entry.ts";
import type { ProofResult } from "../run/proving/outcome.ts";
import type { Verified } from "../run/verifying.ts";
import { exitOf } from "./planning.ts";

/** `verify --json`. */
export interface VerifyDocument {
  readonly halligan: 1;
  readonly kind: "verify";
  readonly cluster: string;
  /** When it began (ms since 1970), and how long it took. */
  readonly at: number;
  readonly durationMs: number;
  /** Node-roles whose `verify` steps were judged; none with `--capability`. */
  readonly nodeRoles: readonly { readonly id: string; readonly ok: boolean; readonly durationMs: number }[];
  /** Proofs; none without `--prove`. */
  readonly capabilities: readonly ProofResult[];
  readonly counts: ProofCounts;
  /** Where the report was written, absolute; null = nowhere. */
  readonly report: string | null;
  readonly problems: readonly Problem[];
}

/** Proofs by how they ended; they add up to all of them. */
export interface ProofCounts {
  readonly proven: number;
  readonly failed: number;
  readonly notTried: number;
  readonly interrupted: number;
}

/** What the document is made from. */
export interface VerifyParts {
  readonly cluster: string;
  readonly at: number;
  readonly durationMs: number;
  readonly verified: readonly Verified[];
  readonly proofs: readonly ProofResult[];
}

/** Puts together what was found. Pure. */
export function verifyDocument({ cluster, at, durationMs, verified, proofs }: VerifyParts): VerifyDocument {
  const found = [...verified.map((each) => each.problem), ...proofs.map(problemOf)].filter((each) => each !== undefined);
  const problems = [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
  const count = (...outcomes: readonly ProofResult["outcome"][]): number => proofs.filter((each) => outcomes.includes(each.outcome)).length;
  return {
    halligan: 1,
    kind: "verify",
    cluster,
    at,
    durationMs,
    nodeRoles: verified.map((each) => ({ id: each.id, ok: each.problem === undefined, durationMs: each.durationMs })),
    capabilities: proofs,
    counts: { proven: count("proven"), failed: count("failed"), notTried: count("not-tried"), interrupted: count("interrupted") },
    report: null,
    problems,
  };
}

function problemOf(result: ProofResult): Problem | undefined {
  return "problem" in result ? result.problem : undefined;
}

/**
 * 6 when the person left, else that of the first problem, else 1 when a capability that was asked for by name was proven nowhere, else 0: what is not
 * tried because nothing was applied yet is no failure.
 */
export function verifyExit({ capabilities, problems }: VerifyDocument, named: readonly string[]): ExitCode {
  const left = capabilities.some((each) => each.outcome === "interrupted" || (each.outcome === "not-tried" && each.why === "interrupted"));
  if (left) return 6;
  const exit = exitOf(problems);
  if (exit !== 0) return exit;
  const proven = new Set(capabilities.flatMap((each) => (each.outcome === "proven" ? [each.capability] : [])));
  return named.every((id) => proven.has(id)) ? 0 : 1;
}
