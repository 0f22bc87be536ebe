import type { CodeEntry } from "./entry.ts";

/** Problems of work on what stands already: retry, reset, rebuild, drift, restarts. */
export const dayTwoCodes = {
  RETRY_NOTHING: {
    exit: 2,
    means: "There is nothing to try again.",
    cause: "Everything of the run came to its end, or no run has failed.",
    action: "`halligan runs` lists the runs; `halligan plan` shows what differs from the files now.",
  },
  RUN_NOT_ENDED: {
    exit: 4,
    means: "The run goes on, so what it leaves undone is not known yet.",
    cause: "It was asked for and has not ended.",
    action: "Wait for its end with `halligan watch R-n`, or end it with `halligan cancel R-n`.",
  },
  RESET_NOTHING: {
    exit: 2,
    means: "There is nothing to take away.",
    cause: "Nothing that was applied fits what was named, or it was taken away before.",
    action: "`halligan status` lists what is active.",
  },
  RESTART_NOTHING: {
    exit: 2,
    means: "No restart waits.",
    cause: "Nothing was put off there, or it was done since.",
    action: "`halligan status` lists the restarts that wait.",
  },
  DRIFT_UNKNOWN: {
    exit: 5,
    means: "It cannot be told whether a node-role is still as it was applied.",
    cause: "The plan that applied it, or the files it was made from, are no longer in the store.",
    action: "`halligan plan` compares the node with the files as they are now.",
  },
  NODE_RENAMED: {
    exit: 0,
    means: "A node has another name in the cluster file than when something was applied there.",
    cause: "It was renamed: the file has a node at the same address, where the same host key is pinned.",
    action: "If it is another machine, reset its host key, then `halligan rebuild NODE --replaced`; else nothing is to be done.",
  },
  NODE_MOVED: {
    exit: 0,
    means: "A node has another address in the cluster file than when something was applied there.",
    cause: "Its address was changed, or the name was given to another machine.",
    action:
      "If it is the same machine, nothing is to be done. If it is another one, what was applied stays on the old one: `halligan rebuild NODE --replaced --reason WHY` begins anew here.",
  },
  NODE_NAME_REUSED: {
    exit: 4,
    means: "A node's name stands for another machine than when something was applied there, and the other machine is known as well.",
    cause: "Names or addresses of several nodes were exchanged at once.",
    action:
      "Change one name at a time, by way of a name that was never used, with an apply in between. If the machine that had the name is gone for good, `halligan reset --nodes NODE --forget --reason WHY`; the next apply takes up what stands on the one that has it now.",
  },
  DEPLOYMENT_RENAMED: {
    exit: 0,
    means: "What a deployment applied is placed by another one now.",
    cause: "The deployment was renamed, or its roles were moved to another one.",
    action: "To keep a secret, set it for the new deployment with `halligan secrets set SECRET` before the plan is applied.",
  },
  STILL_NEEDED: {
    exit: 0,
    means: "What goes was used by something that stays.",
    cause: "The plan takes away a provider, but not those that were applied with it.",
    action: "Take them away too, or apply them anew afterwards with another provider.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
