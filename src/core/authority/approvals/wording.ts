import { type Problem, problem } from "../../errors.ts";
import { approvalCodes } from "../../problems/approval-codes.ts";
import { listed } from "../../words/count.ts";
import type { Discount, RequirementStanding, Standing } from "./standing.ts";
import type { ApprovalEnd } from "./state.ts";

/** A problem with one request, whose next action names it: `halligan approvals A-3`. */
export function aboutRequest(code: keyof typeof approvalCodes, request: string, message: string): Problem {
  return problem(code, { message, hint: approvalCodes[code].action.replaceAll("A-n", request) });
}

/** What a requirement asks for: `2 of leads, for plans that destroy something, signed`. */
export function requirementWords({ risk, rule, deployment }: RequirementStanding["requirement"]): string {
  const who = rule.groups.length === 0 ? "" : ` of ${rule.groups.join(" or ")}`;
  const why = {
    default: "",
    destructive: ", as something is removed or destroyed",
    pointOfNoReturn: ", as a critical role changes",
  }[risk];
  return `${rule.people} ${rule.people === 1 ? "approval" : "approvals"}${who}${rule.stepUp ? ", signed" : ""} (${deployment}${why})`;
}

/** Why a vote does not count. */
export function discountWords(person: string, discount: Discount): string {
  switch (discount.why) {
    case "right":
      return `${person} may not approve here (any more), by people.yaml as it was when the request was opened or as it is now`;
    case "principal":
      return `the account with which ${person} approved does not stand for ${person} (any more)`;
    case "group":
      return `${person} is not in ${discount.groups.join(" or ")}`;
    case "author":
      return `${person} made the plan or asked for its run`;
    case "editor":
      return `${person} wrote what the plan brings about`;
    case "signature":
      return discount.fault === undefined ? `${person}'s vote is not signed` : `${person}'s signature does not hold: ${discount.fault}`;
    case "age":
      return `${person} approved too long ago`;
    default:
      return discount satisfies never;
  }
}

/** What is missing, one clause; empty when nothing is. */
export function missingWords({ requirements, rejections, ignored }: Standing): string {
  const [no] = rejections;
  if (no !== undefined) return `${no.person} rejected it: ${no.reason}`;
  const open = requirements.filter((each) => each.missing > 0);
  const parts = open.map(({ requirement, counted, mayVote }) => {
    const who = mayVote.length === 0 ? "nobody is left who could" : `${listed(mayVote)} may`;
    return `${counted.length} of ${requirementWords(requirement)}; ${who}`;
  });
  const lost = ignored.map(({ person, discount }) => discountWords(person, discount));
  return [...parts, ...lost].join("; ");
}

/** What became of a request. */
export function endWords(end: ApprovalEnd): string {
  switch (end.kind) {
    case "consumed":
      return `it was used by ${end.run}`;
    case "voided":
      return `it was voided: ${end.plan} by ${end.by} is another plan`;
    case "closed":
      return `it was closed: by ${end.plan} there is nothing left to do`;
    case "withdrawn":
      return `${end.by} withdrew it`;
    case "expired":
      return "it expired";
    default:
      return end satisfies never;
  }
}
