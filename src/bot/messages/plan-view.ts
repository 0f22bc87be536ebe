import type { ApprovalDocument } from "../../core/commands/authority/approval-document.ts";
import type { PlanDocument } from "../../core/commands/plan-document.ts";
import type { Restart } from "../../core/plan/restarts.ts";
import type { Style } from "../grammar/lines.ts";
import type { Act } from "./button-value.ts";

/** Where a plan stands for the people who decide about it. */
export type PlanPhase =
  /** Nothing to do. */
  | { readonly kind: "empty" }
  /** Rules forbid it. */
  | { readonly kind: "denied" }
  /** No approval is needed. */
  | { readonly kind: "ready" }
  /** Approval is needed, and nobody has asked for it yet. */
  | { readonly kind: "unasked" }
  | { readonly kind: "open" | "granted" | "rejected"; readonly request: ApprovalDocument }
  /** A run carries it out, or did. */
  | {
      readonly kind: "used";
      readonly run: string;
      readonly ended?: "succeeded" | "failed" | "cancelled";
      readonly request?: ApprovalDocument;
    }
  /** The request ended otherwise: it expired, was withdrawn, or something else was planned. */
  | { readonly kind: "over"; readonly request: ApprovalDocument }
  /** It could not be carried out any more. */
  | {
      readonly kind: "outdated";
      readonly why: string;
      readonly newer?: string /** It never can again, whatever becomes of the files. */;
      readonly forGood: boolean;
    };

/** Who would have to approve, before anybody has been asked. */
export interface Needed {
  /** `2 approvals of leads (web)`. */
  readonly words: string;
  readonly mayVote: readonly string[];
}

/** Everything that a message about a plan is made from. */
export interface PlanView {
  readonly style: Style & { readonly cluster: string };
  readonly document: PlanDocument;
  readonly author: string;
  readonly at: number;
  readonly phase: PlanPhase;
  readonly needed: readonly Needed[];
  readonly restarts: readonly Restart[];
  /** The whole plan lies in the thread. */
  readonly fileBelow: boolean;
}

/** What can be done about a plan in this state: its buttons, and the only presses that are taken. */
export function planActs({ phase, document }: Pick<PlanView, "phase" | "document">): readonly Act[] {
  const look: readonly Act[] = document.nodeRoles.length === 0 ? [] : ["diff"];
  switch (phase.kind) {
    case "empty":
      return look;
    case "denied":
    case "over":
    case "outdated":
      return ["replan", ...look];
    case "ready":
    case "unasked":
      return ["apply", ...look];
    case "open":
      return ["review", "reject", "withdraw", ...look];
    case "granted":
      return ["apply", "reject", "withdraw", ...look];
    case "rejected":
      return ["replan", "withdraw", ...look];
    case "used":
      return look;
    default:
      return phase satisfies never;
  }
}

/** A plan that is made to take away what was applied: the command wants the cluster's name typed, and so does its dialog. */
export function takesAway({ document }: Pick<PlanView, "document">): boolean {
  return document.purpose !== undefined && document.nodeRoles.some(({ action }) => action === "remove");
}

/** Ties buttons to the state: those of another one do nothing. */
export function planPhaseKey({ phase }: Pick<PlanView, "phase">): string {
  if (phase.kind === "used") return `${phase.kind}:${phase.run}:${phase.ended ?? ""}`;
  return "request" in phase ? `${phase.kind}:${phase.request.request}` : phase.kind;
}
