import type { CodeEntry } from "./entry.ts";

/** Problems of approvals: requests, votes, signatures. */
export const approvalCodes = {
  APPROVAL_NEEDED: {
    exit: 3,
    means: "The plan may not run before other people have approved it.",
    cause: "The deployment's `approvals` ask for it, and too few have approved so far.",
    action: "Ask one of those who may to look at it (`halligan approvals`) and to approve it, then apply the plan.",
  },
  APPROVAL_NOT_FOUND: {
    exit: 2,
    means: "There is no such approval request.",
    cause: "A mistyped number, or another cluster's store.",
    action: "List the requests with `halligan approvals --all`.",
  },
  APPROVAL_ENDED: {
    exit: 4,
    means: "The approval request is over: it was used, voided, closed, withdrawn, or it expired.",
    cause: "Something else was planned meanwhile, its run was started, or nobody looked at it in time.",
    action: "`halligan why A-n` tells what happened; `halligan apply` makes a new plan and, if need be, a new request.",
  },
  APPROVAL_REJECTED: {
    exit: 3,
    means: "Somebody has rejected the plan; one no is enough.",
    cause: "See the reason that they gave.",
    action: "Change the plan, or ask them to take it back with `halligan withdraw A-n`.",
  },
  APPROVAL_NOT_COUNTED: {
    exit: 3,
    means: "A vote of this person would count for nothing, so it was not taken.",
    cause: "They made the plan or asked for its run, or are in none of the groups that are asked.",
    action: "Ask one of those whom `halligan approvals A-n` lists.",
  },
  APPROVAL_DIGEST: {
    exit: 3,
    means: "The request is for another plan than the one that was read.",
    cause: "The plan was made again after it was looked at, or the digest was mistyped.",
    action: "Look at the request again with `halligan approvals A-n`, and approve what it shows now.",
  },
  APPROVAL_UNUSED: {
    exit: 3,
    means: "A run says that it was approved by a request that was not used for it.",
    cause: "The journal was written by something else than Halligan, or copied from another store.",
    action: "Cancel the run, look at `halligan audit`, and apply the plan anew.",
  },
  SIGNATURE_NEEDED: {
    exit: 3,
    means: "The approvals block asks for votes that are signed with an SSH key.",
    cause: "The vote came without a signature.",
    action: "Approve with `--sign agent` or `--sign KEYFILE`; the key must be yours in people.yaml.",
  },
  SIGNATURE_WRONG: {
    exit: 3,
    means: "The signature does not hold, so the vote was not taken.",
    cause: "Another key, another request, another plan, or another purpose was signed.",
    action: "Sign this request with a key that people.yaml has for you (`halligan approve A-n --sign agent`).",
  },
  NOTHING_TO_WITHDRAW: {
    exit: 2,
    means: "The person has neither voted on the request nor asked for it.",
    cause: "It was withdrawn before, or another request was meant.",
    action: "Look at the request with `halligan approvals A-n`.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
