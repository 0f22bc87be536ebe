import { type ApprovalDeps, judgingOf, judgingThen, runOf } from "../../authority/approvals/read.ts";
import { approvalText } from "../../authority/approvals/signed-text.ts";
import { standingOf, type Standing } from "../../authority/approvals/standing.ts";
import type { ApprovalState } from "../../authority/approvals/state.ts";
import { discountWords, endWords, missingWords } from "../../authority/approvals/wording.ts";
import { HalliganError } from "../../errors.ts";
import type { PlanRisk } from "../../model/approvals.ts";
import type { PlanBody } from "../../model/plan.ts";
import { readPlan } from "../../run/requests.ts";
import { type PlanDocument, documentPlan } from "../plan-document.ts";

/** Where a request stands. `granted`: open, and its plan may run. */
export type ApprovalPhase = "open" | "granted" | "rejected" | "consumed" | "voided" | "closed" | "withdrawn" | "expired";

/** One request in a list. */
export interface ApprovalRow {
  readonly request: string;
  readonly plan: string;
  readonly digest: string;
  readonly phase: ApprovalPhase;
  readonly author: string;
  readonly by: string;
  readonly deployments: readonly string[];
  readonly openedAt: number;
  readonly expiresAt: number;
  /** The run that used it. */
  readonly run: string | null;
  /** What is missing, in words; empty when nothing is, or when it is over. */
  readonly missing: string;
}

/** `approvals A-n --json`, `approve`, `reject`, `withdraw`, and `apply` where a plan is not approved. */
export interface ApprovalDocument extends ApprovalRow {
  readonly halligan: 1;
  readonly kind: "approval";
  /** What the command did. `already`: it had been done before, and nothing was written. */
  readonly done: "shown" | "explained" | "asked" | "found" | "approved" | "rejected" | "withdrawn" | "already";
  readonly cluster: string;
  readonly requirements: readonly {
    readonly deployment: string;
    readonly risk: PlanRisk;
    readonly people: number;
    readonly groups: readonly string[];
    readonly excludeAuthor: boolean;
    readonly excludeEditor: boolean;
    readonly stepUp: boolean;
    readonly counted: readonly string[];
    readonly missing: number;
    readonly mayVote: readonly string[];
  }[];
  readonly votes: readonly {
    readonly person: string;
    readonly principal: string;
    readonly at: number;
    readonly signed: boolean;
    readonly counts: boolean;
    readonly why?: string;
  }[];
  readonly rejections: readonly { readonly person: string; readonly principal: string; readonly at: number; readonly reason: string }[];
  /** How it ended, in words. */
  readonly end: string | null;
  /** What the plan that voided it changes, a line each. */
  readonly changed: readonly string[];
  /** The text that a signature is made over. */
  readonly signedText: string;
  /** What would run. */
  readonly what: PlanDocument;
  readonly at: number;
}

/** One row. Requests that are over are not judged any more. */
export async function approvalRow(deps: ApprovalDeps, state: ApprovalState): Promise<ApprovalRow> {
  const { body, author } = await readPlan(deps.store, state.plan);
  const standing = await standingOrProblem(deps, state, body);
  return row(state, author, standing);
}

/** All about one request. */
export async function approvalDocument(
  deps: ApprovalDeps,
  state: ApprovalState,
  done: ApprovalDocument["done"],
): Promise<ApprovalDocument> {
  const plan = await readPlan(deps.store, state.plan);
  const standing = await standingOrProblem(deps, state, plan.body);
  const ignored = new Map(standing.ignored.map((each) => [each.person, discountWords(each.person, each.discount)]));
  return {
    halligan: 1,
    kind: "approval",
    ...row(state, plan.author, standing),
    done,
    cluster: state.cluster,
    requirements: standing.requirements.map(({ requirement: { deployment, risk, rule }, counted, missing, mayVote }) => {
      const { people, groups, excludeAuthor, excludeEditor, stepUp } = rule;
      return { deployment, risk, people, groups, excludeAuthor, excludeEditor, stepUp, counted, missing, mayVote };
    }),
    votes: [...state.votes.values()].map(({ person, principal, at, signature }) => {
      const why = ignored.get(person);
      return { person, principal, at, signed: signature !== undefined, counts: why === undefined, ...(why === undefined ? {} : { why }) };
    }),
    rejections: [...state.rejections.values()],
    end: state.end === undefined ? null : endWords(state.end),
    changed: state.end?.kind === "voided" ? state.end.changed : [],
    signedText: approvalText(state),
    what: documentPlan(plan),
    at: deps.clock.now(),
  };
}

/** True when the plan of an open request may run now. */
export async function isGranted(deps: ApprovalDeps, state: ApprovalState): Promise<boolean> {
  if (state.end !== undefined) return false;
  const { body } = await readPlan(deps.store, state.plan);
  return standingOf(state, await judgingOf(deps, state, body)).granted;
}

/** Requests that are over are told as they were when they ended. One that cannot be judged, as a file is broken or gone, is shown as one that is not granted. */
async function standingOrProblem(deps: ApprovalDeps, state: ApprovalState, body: PlanBody): Promise<Standing> {
  try {
    const { end } = state;
    const over = end !== undefined && !(end.kind === "consumed" && (await runOf(deps.store, end.run)) !== "ended");
    return standingOf(state, over ? await judgingThen(deps, state) : await judgingOf(deps, state, body));
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    const requirements = state.requirements.map((requirement) => ({
      requirement,
      counted: [],
      missing: requirement.rule.people,
      mayVote: [],
    }));
    return { granted: false, requirements, ignored: [], rejections: [...state.rejections.values()] };
  }
}

function row(state: ApprovalState, author: string, standing: Standing): ApprovalRow {
  const { request, plan, digest, by, deployments, openedAt, expiresAt, end } = state;
  return {
    request,
    plan,
    digest,
    phase: end?.kind ?? (standing.rejections.length > 0 ? "rejected" : standing.granted ? "granted" : "open"),
    author,
    by,
    deployments,
    openedAt,
    expiresAt,
    run: end?.kind === "consumed" ? end.run : null,
    missing: end === undefined || end.kind === "consumed" ? missingWords(standing) : "",
  };
}
