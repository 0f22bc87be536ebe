import type { Problem } from "../../errors.ts";

/** Why a proof was not begun. */
export type NotTried =
  /** Its node-role was not applied, or its last run did not end well. */
  | { readonly why: "not-active" }
  | { readonly why: "unreachable"; readonly problem: Problem }
  /** Its steps cannot be rendered, or need a value that no run has made known. */
  | { readonly why: "unresolved"; readonly problem?: Problem }
  /** A capability that it builds on was not proven. */
  | { readonly why: "needs"; readonly needs: string }
  /** The person left. */
  | { readonly why: "interrupted" };

/** How a proof ended. `interrupted`: it was begun, the person left, and what it had made was taken back. */
export type ProofOutcome =
  | { readonly outcome: "proven" }
  | { readonly outcome: "failed"; readonly problem: Problem }
  | { readonly outcome: "interrupted"; readonly problem?: Problem }
  | ({ readonly outcome: "not-tried" } & NotTried);

/** One step of a proof, as far as it came. */
export interface ProvedStep {
  readonly id: string;
  readonly part: "steps" | "cleanup";
  readonly status: "ok" | "failed" | "timeout" | "cancelled";
  readonly durationMs: number;
}

/** One proof that was, or was not, given. */
export type ProofResult = {
  readonly capability: string;
  /** What is proven, one sentence. */
  readonly means: string;
  readonly barclamp: string;
  readonly role: string;
  readonly deployment: string;
  readonly node: string;
  /** On one node of the deployment, or on each of the role's nodes. */
  readonly per: "deployment" | "node";
  /** From the moment on at which its node was asked. */
  readonly durationMs: number;
  readonly steps: readonly ProvedStep[];
} & ProofOutcome;
