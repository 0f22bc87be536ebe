import type { JournalEvent, Recorded } from "../../journal/events.ts";
import type { ApprovalId, Digest, PlanId, RunId } from "../../model/ids.ts";
import type { EpochMs } from "../../ports.ts";
import type { Requirement } from "./requirement.ts";

/** Events of one approval request. */
export type ApprovalEvent = Extract<JournalEvent, { type: `approval.${string}` }>;

/** One person's yes. */
export interface Vote {
  readonly person: string;
  readonly principal: string;
  readonly at: EpochMs;
  readonly signature?: { readonly armored: string; readonly fingerprint: string };
}

/** One person's no. */
export interface Rejection {
  readonly person: string;
  readonly principal: string;
  readonly at: EpochMs;
  readonly reason: string;
}

/** What a request came to. `consumed` is the only end after which votes still matter: its run is judged by them until it ends. */
export type ApprovalEnd =
  | { readonly kind: "consumed"; readonly at: EpochMs; readonly run: RunId; readonly plan: PlanId; readonly by: string }
  | {
      readonly kind: "voided";
      readonly at: EpochMs;
      readonly plan: PlanId;
      readonly digest: Digest;
      readonly by: string;
      readonly changed: readonly string[];
    }
  | { readonly kind: "closed"; readonly at: EpochMs; readonly plan: PlanId; readonly by: string }
  | { readonly kind: "withdrawn"; readonly at: EpochMs; readonly by: string }
  | { readonly kind: "expired"; readonly at: EpochMs };

/** An approval request, folded from its stream. */
export interface ApprovalState {
  readonly request: ApprovalId;
  readonly digest: Digest;
  readonly cluster: string;
  readonly scope: readonly string[];
  readonly deployments: readonly string[];
  /** The plan made last with this digest. */
  readonly plan: PlanId;
  /** Who made the first plan and who asked for its run. Whoever makes the same plan again adds nothing to it. */
  readonly authors: ReadonlySet<string>;
  /** Who wrote what the plan brings about. */
  readonly editors: ReadonlySet<string>;
  readonly by: string;
  readonly requirements: readonly Requirement[];
  readonly people: Digest;
  readonly openedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly votes: ReadonlyMap<string, Vote>;
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** How often a person has voted, rejected or taken back: makes each act's command id its own. */
  readonly acts: ReadonlyMap<string, number>;
  readonly end?: ApprovalEnd;
  readonly version: number;
}

/** The stream of one request. */
export function approvalStream(request: string): string {
  return `approval:${request}`;
}

/**
 * Folds one event. Total and order-safe: whatever is appended in whatever order, a request has one end, the first; what comes after the expiry
 * of an open request ends it as expired, whoever wrote it. `undefined` before the first event.
 */
export function foldApproval(state: ApprovalState | undefined, event: Recorded): ApprovalState | undefined {
  if (event.type === "approval.requested") return state ?? opened(event);
  if (state === undefined || !isApprovalEvent(event)) return state;
  const next = { ...state, version: event.version };
  if (state.end !== undefined) return state.end.kind === "consumed" ? vote(next, event) : next;
  if (event.at >= state.expiresAt) return { ...next, end: { kind: "expired", at: state.expiresAt } };
  return ended(next, event) ?? vote(next, event);
}

/** Folds a whole stream. */
export function foldApprovals(events: readonly Recorded[]): ApprovalState | undefined {
  return events.reduce<ApprovalState | undefined>(foldApproval, undefined);
}

/** The state at a moment: an open request that nobody touched in time is over. */
export function approvalAt(state: ApprovalState, now: EpochMs): ApprovalState {
  if (state.end !== undefined || now < state.expiresAt) return state;
  return { ...state, end: { kind: "expired", at: state.expiresAt } };
}

function isApprovalEvent(event: Recorded): event is Recorded & Recorded<ApprovalEvent> {
  return event.type.startsWith("approval.");
}

function opened(event: Recorded<Extract<JournalEvent, { type: "approval.requested" }>>): ApprovalState {
  return {
    request: event.request,
    digest: event.digest,
    cluster: event.cluster,
    scope: event.scope,
    deployments: event.deployments,
    plan: event.plan,
    authors: new Set([event.author, event.by]),
    // Requests of older versions do not tell: whoever made the plan stands for them.
    editors: new Set(event.editors ?? [event.author, event.by]),
    by: event.by,
    requirements: event.requirements,
    people: event.people,
    openedAt: event.at,
    expiresAt: event.expiresAt,
    votes: new Map(),
    rejections: new Map(),
    acts: new Map(),
    version: event.version,
  };
}

/** Events that end an open request, or change what it is about. */
function ended(state: ApprovalState, event: Recorded<ApprovalEvent>): ApprovalState | undefined {
  const { at } = event;
  switch (event.type) {
    case "approval.consumed":
      return { ...state, end: { kind: "consumed", at, run: event.run, plan: event.plan, by: event.by } };
    case "approval.voided":
      return { ...state, end: { kind: "voided", at, plan: event.plan, digest: event.digest, by: event.by, changed: event.changed } };
    case "approval.closed":
      return { ...state, end: { kind: "closed", at, plan: event.plan, by: event.by } };
    case "approval.expired":
      return state; // written too early: the expiry is a moment, not an event
    case "approval.withdrawn":
      return event.what === "request" ? { ...state, end: { kind: "withdrawn", at, by: event.person } } : undefined;
    case "approval.retained":
      return { ...state, plan: event.plan };
    case "approval.requested":
    case "approval.given":
    case "approval.rejected":
      return undefined;
    default:
      return event satisfies never;
  }
}

/** Yes, no, and what is taken back. A vote for another digest, or a second one of the same person, adds nothing. */
function vote(state: ApprovalState, event: Recorded<ApprovalEvent>): ApprovalState {
  switch (event.type) {
    case "approval.given": {
      if (event.digest !== state.digest) return state;
      const { person, principal, at, signature } = event;
      const given: Vote = { person, principal, at, ...(signature === undefined ? {} : { signature }) };
      return {
        ...state,
        acts: acted(state, person),
        rejections: without(state.rejections, person),
        votes: new Map(state.votes).set(person, given),
      };
    }
    case "approval.rejected": {
      if (event.digest !== state.digest) return state;
      const { person, principal, at, reason } = event;
      const no: Rejection = { person, principal, at, reason };
      return {
        ...state,
        acts: acted(state, person),
        votes: without(state.votes, person),
        rejections: new Map(state.rejections).set(person, no),
      };
    }
    case "approval.withdrawn": {
      const { person } = event;
      if (event.what === "request") return state;
      return {
        ...state,
        acts: acted(state, person),
        ...(event.what === "vote" ? { votes: without(state.votes, person) } : { rejections: without(state.rejections, person) }),
      };
    }
    case "approval.requested":
    case "approval.consumed":
    case "approval.voided":
    case "approval.closed":
    case "approval.expired":
    case "approval.retained":
      return state;
    default:
      return event satisfies never;
  }
}

function acted({ acts }: ApprovalState, person: string): ReadonlyMap<string, number> {
  return new Map(acts).set(person, (acts.get(person) ?? 0) + 1);
}

function without<T>(map: ReadonlyMap<string, T>, person: string): ReadonlyMap<string, T> {
  const rest = new Map(map);
  rest.delete(person);
  return rest;
}
