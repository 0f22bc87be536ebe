import type { CodeEntry } from "./entry.ts";

/** Problems of revisions, proposals and rollbacks. */
export const intentCodes = {
  REVISION_NOT_FOUND: {
    exit: 2,
    means: "There is no such revision in the store.",
    cause: "Its name is mistyped, or it was only planned with, never applied, and let go since.",
    action: "`halligan revisions` lists them.",
  },
  PROPOSAL_NOT_FOUND: {
    exit: 2,
    means: "There is no such proposal.",
    cause: "Its name is mistyped.",
    action: "`halligan proposals` lists them.",
  },
  PROPOSAL_ENDED: {
    exit: 4,
    means: "The proposal was committed or dropped, so nothing can be done with it any more.",
    cause: "Somebody else was faster.",
    action: "Make a new proposal if something is still to be changed.",
  },
  PROPOSAL_STALE: {
    exit: 4,
    means: "The cluster file is no longer the one that the proposal was made on.",
    cause: "Somebody committed another proposal, or edited the file, since.",
    action: "Put the proposal on the present file with `halligan propose rebase PROPOSAL`, read it, and commit it then.",
  },
  PROPOSAL_DIGEST: {
    exit: 4,
    means: "The proposal says something else than what was read.",
    cause: "Somebody changed or rebased it since, or the digest was mistyped.",
    action: "Read it again with `halligan propose show PROPOSAL`, and commit what it says then.",
  },
  PROPOSAL_CONFLICT: {
    exit: 4,
    means: "The proposal cannot be put on the present file: both change the same thing, or the place is not there any more.",
    cause: "Somebody else changed the same part of the cluster file.",
    action: "Agree with whoever made the other change, drop this proposal and make a new one.",
  },
  PROPOSAL_EMPTY: {
    exit: 2,
    means: "The proposal would change nothing.",
    cause: "The cluster file says so already.",
    action: "Nothing needs to be done; `halligan why NODE/ROLE` tells where a value stands.",
  },
  INTENT_BUSY: {
    exit: 4,
    means: "Somebody else is writing the cluster file at this moment.",
    cause: "Two people committed at once, or a process was stopped in the middle of it.",
    action: "Try again in a moment.",
  },
  SETTING_AMBIGUOUS: {
    exit: 2,
    means: "A setting was named without saying where it shall stand, and there is more than one place.",
    cause: "The barclamp is used by several deployments, or by none.",
    action: "Say where with `--deployment` or `--node`, or write the whole path.",
  },
  EDIT_REFUSED: {
    exit: 2,
    means: "The cluster file cannot be changed there without changing something else as well.",
    cause: "The place is written with an anchor or alias, or in a way that has no room for it.",
    action: "Edit the file by hand, then run `halligan validate`.",
  },
  GIT_NOT_COMMITTED: {
    exit: 0,
    means: "The cluster file was written, and no git commit was made of it.",
    cause: "The repository is in a state in which a commit of this one file would do harm, or git refused it.",
    action: "Commit the file yourself when the repository is ready.",
  },
  ROLLBACK_NOWHERE: {
    exit: 2,
    means: "There is no earlier revision to which the deployment could go back.",
    cause: "Nothing else was ever applied of it, or it was applied by a version that kept no revisions.",
    action: "`halligan revisions` lists what there is; name one with `--to`.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
