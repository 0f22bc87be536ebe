import type { EpochMs } from "../../ports.ts";
import { authorise } from "../authorise.ts";
import type { People } from "../people.ts";
import type { Requirement } from "./requirement.ts";
import { verifyApproval } from "./signed-text.ts";
import type { ApprovalState, Rejection, Vote } from "./state.ts";

/** Why somebody's vote does not count for a requirement. */
export type Discount =
  | { readonly why: "right" }
  | { readonly why: "principal" }
  | { readonly why: "group"; readonly groups: readonly string[] }
  | { readonly why: "author" }
  | { readonly why: "editor" }
  | { readonly why: "signature"; readonly fault?: string }
  | { readonly why: "age" };

/** How far one requirement is met. */
export interface RequirementStanding {
  readonly requirement: Requirement;
  /** Whose votes count, sorted. */
  readonly counted: readonly string[];
  readonly missing: number;
  /** Who else could vote for it now, sorted. */
  readonly mayVote: readonly string[];
}

/** How a request stands. */
export interface Standing {
  /** Everything that is required is met, and nobody has rejected it. */
  readonly granted: boolean;
  readonly requirements: readonly RequirementStanding[];
  /** Votes that count for nothing, with the first reason. */
  readonly ignored: readonly { readonly person: string; readonly discount: Discount }[];
  readonly rejections: readonly Rejection[];
}

/** What votes are judged by. */
export interface Judging {
  readonly requirements: readonly Requirement[];
  /** people.yaml as it was when the request was opened, and as it is now: a vote must count by each of them. */
  readonly sides: readonly People[];
  readonly now: EpochMs;
}

/** Judges the votes of a request: by every requirement, and by people.yaml as it was and as it is. Pure. */
export function standingOf(state: ApprovalState, judging: Judging): Standing {
  const votes = [...state.votes.values()];
  const requirements = judging.requirements.map((requirement) => {
    const counted = votes.filter((vote) => discountOf(vote, requirement, state, judging) === undefined).map((vote) => vote.person);
    const missing = Math.max(0, requirement.rule.people - counted.length);
    const mayVote = missing === 0 ? [] : eligible(requirement, state, judging).filter((person) => !counted.includes(person));
    return { requirement, counted: counted.toSorted(), missing, mayVote };
  });
  const ignored = votes.flatMap((vote) => {
    const discounts = judging.requirements.map((requirement) => discountOf(vote, requirement, state, judging));
    const [first] = discounts;
    return first === undefined || discounts.some((each) => each === undefined) ? [] : [{ person: vote.person, discount: first }];
  });
  const rejections = [...state.rejections.values()];
  return { granted: rejections.length === 0 && requirements.every((each) => each.missing === 0), requirements, ignored, rejections };
}

/** Why a vote does not count for a requirement; `undefined` = it counts. */
export function discountOf(vote: Vote, { rule }: Requirement, state: ApprovalState, { sides, now }: Judging): Discount | undefined {
  const { person, principal, signature, at } = vote;
  if (!sides.every((people) => mayApprove(people, person, state))) return { why: "right" };
  if (!sides.every((people) => people.people.get(person)?.principals.has(principal) === true)) return { why: "principal" };
  if (!sides.every((people) => isMember(people, person, rule.groups))) return { why: "group", groups: rule.groups };
  const excluded = exclusion(person, rule, state);
  if (excluded !== undefined) return { why: excluded };
  if (now >= Math.max(state.expiresAt, at + rule.ttlMs)) return { why: "age" };
  if (!rule.stepUp) return undefined;
  if (signature === undefined) return { why: "signature" };
  for (const people of sides) {
    const verdict = verifyApproval(signature.armored, state, people, person);
    if ("fault" in verdict) return { why: "signature", fault: verdict.fault };
  }
  return undefined;
}

/** Everybody whose vote would count for a requirement, signed if need be. */
function eligible({ rule }: Requirement, state: ApprovalState, { sides }: Judging): readonly string[] {
  const [first, ...others] = sides;
  if (first === undefined) return [];
  return [...first.people.keys()]
    .filter((person) => others.every((people) => people.people.has(person)))
    .filter((person) => sides.every((people) => mayApprove(people, person, state) && isMember(people, person, rule.groups)))
    .filter((person) => exclusion(person, rule, state) === undefined)
    .filter((person) => !rule.stepUp || sides.every((people) => (people.people.get(person)?.keys.length ?? 0) > 0))
    .toSorted();
}

/** Whoever made the plan or asked for its run, and who wrote what it brings about. */
function exclusion(person: string, rule: Requirement["rule"], state: ApprovalState): "author" | "editor" | undefined {
  if (rule.excludeAuthor && state.authors.has(person)) return "author";
  return rule.excludeEditor && state.editors.has(person) ? "editor" : undefined;
}

function mayApprove(people: People, person: string, { deployments }: ApprovalState): boolean {
  const question = { authority: { mode: "people", people }, who: { person }, action: "approve" } as const;
  return authorise({ ...question, resource: { kind: "deployments", names: deployments } }).allowed;
}

function isMember(people: People, person: string, groups: readonly string[]): boolean {
  return groups.length === 0 || groups.some((group) => people.groups.get(group)?.has(person) === true);
}
