import { type Problem, problem } from "../../errors.ts";
import type { Digest } from "../../model/ids.ts";
import { type Discount, discountOf, type Judging } from "./standing.ts";
import type { ApprovalEvent, ApprovalState, Vote } from "./state.ts";
import { aboutRequest, discountWords, endWords } from "./wording.ts";

/** What an act on a request comes to: an event, nothing new, or a refusal. */
export type Decision = { readonly event: ApprovalEvent } | { readonly already: true } | { readonly refused: Problem };

/** Who acts. */
export interface Actor {
  readonly person: string;
  readonly principal: string;
}

/** What votes are decided by. `runOpen`: the run that used the request has not ended. */
export interface Circumstances extends Judging {
  readonly runOpen: boolean;
}

/** Refuses a digest that is not the request's; a prefix of at least 8 hex digits will do. */
export function wrongDigest({ request, digest }: ApprovalState, said: string | undefined): Problem | undefined {
  if (said === undefined) return undefined;
  const hex = said.toLowerCase().replace(/^sha256:/u, "");
  if (!/^[0-9a-f]{8,64}$/u.test(hex))
    return aboutRequest("APPROVAL_DIGEST", request, `"${said.slice(0, 80)}" is not a digest: give at least its first 8 hex digits.`);
  if (digest.slice("sha256:".length).startsWith(hex)) return undefined;
  return aboutRequest("APPROVAL_DIGEST", request, `${request} is for the plan with digest ${digest}, not ${said}.`);
}

/** A yes. Taken only when it counts, and as signed as it is asked for: otherwise whoever votes would believe to have approved. */
export function decideApprove(
  state: ApprovalState,
  { person, principal, digest, signature }: Actor & { readonly digest: Digest } & Pick<Vote, "signature">,
  circumstances: Circumstances,
): Decision {
  const over = overFor(state, circumstances);
  if (over !== undefined) return { refused: over };
  if (digest !== state.digest)
    return {
      refused: aboutRequest(
        "APPROVAL_DIGEST",
        state.request,
        `${state.request} is for the plan with digest ${state.digest}, not ${digest}.`,
      ),
    };
  const vote: Vote = { person, principal, at: circumstances.now, ...(signature === undefined ? {} : { signature }) };
  const discounts = circumstances.requirements.map((each) => discountOf(vote, each, state, circumstances));
  const unsigned = discounts.some((each) => each?.why === "signature");
  if (unsigned || (discounts.length > 0 && discounts.every((each) => each !== undefined)))
    return { refused: uncounted(state, person, discounts) };
  const before = state.votes.get(person);
  if (before !== undefined && sameWeight(state, before, vote, circumstances)) return { already: true };
  return {
    event: {
      type: "approval.given",
      v: 1,
      request: state.request,
      person,
      principal,
      digest,
      ...(signature === undefined ? {} : { signature }),
    },
  };
}

/** A no, which blocks the request while it stands. */
export function decideReject(
  state: ApprovalState,
  { person, principal, reason }: Actor & { readonly reason: string },
  circumstances: Circumstances,
): Decision {
  const over = overFor(state, circumstances);
  if (over !== undefined) return { refused: over };
  if (state.rejections.has(person)) return { already: true };
  return { event: { type: "approval.rejected", v: 1, request: state.request, person, principal, digest: state.digest, reason } };
}

/** Takes back what one did last: a vote or a rejection; without either, whoever asked for the run withdraws the request. */
export function decideWithdraw(
  state: ApprovalState,
  { person, principal }: Actor,
  circumstances: Circumstances & { readonly mayClose: boolean },
): Decision {
  const over = overFor(state, circumstances);
  if (over !== undefined) return { refused: over };
  const event = (what: "vote" | "rejection" | "request"): Decision => ({
    event: { type: "approval.withdrawn", v: 1, request: state.request, person, principal, what },
  });
  if (state.votes.has(person)) return event("vote");
  if (state.rejections.has(person)) return event("rejection");
  if (state.end === undefined && (state.authors.has(person) || circumstances.mayClose)) return event("request");
  return { refused: aboutRequest("NOTHING_TO_WITHDRAW", state.request, `${person} has nothing to withdraw from ${state.request}.`) };
}

/** Why nobody can act on the request any more. A request in use is open to votes while its run is. */
function overFor({ request, end }: ApprovalState, { runOpen }: Circumstances): Problem | undefined {
  if (end === undefined || (end.kind === "consumed" && runOpen)) return undefined;
  return aboutRequest("APPROVAL_ENDED", request, `${request} is over: ${endWords(end)}.`);
}

/** True when the vote that there is counts wherever the new one would. */
function sameWeight(state: ApprovalState, before: Vote, after: Vote, judging: Judging): boolean {
  return judging.requirements.every(
    (each) => discountOf(after, each, state, judging) !== undefined || discountOf(before, each, state, judging) === undefined,
  );
}

function uncounted({ request }: ApprovalState, person: string, discounts: readonly (Discount | undefined)[]): Problem {
  const known = discounts.filter((each) => each !== undefined);
  // What the person can mend goes first.
  const [first] = [...known.filter((each) => each.why === "signature"), ...known];
  if (first === undefined) return aboutRequest("APPROVAL_NOT_COUNTED", request, `A vote of ${person} on ${request} would not count.`);
  const message = `The vote of ${person} on ${request} was not taken: ${discountWords(person, first)}.`;
  if (first.why !== "signature") return aboutRequest("APPROVAL_NOT_COUNTED", request, message);
  return first.fault === undefined
    ? problem("SIGNATURE_NEEDED", { message, hint: `Approve with \`halligan approve ${request} --sign agent\` or \`--sign KEYFILE\`.` })
    : aboutRequest("SIGNATURE_WRONG", request, message);
}
