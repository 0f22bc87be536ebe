import type { CodeEntry } from "./entry.ts";

/** Problems of a run. */
export const runCodes = {
  STEP_FAILED: {
    exit: 1,
    means: "A step on a node ended with a failure.",
    cause: "The command that is shown returned an error.",
    action: "Read the step's output with `halligan logs`, mend the cause, then `halligan retry` does what is left.",
  },
  BUG: {
    exit: 70,
    means: "Halligan met a state that should be impossible.",
    cause: "A defect in Halligan.",
    action: "Run again with `--trace` and report what it prints.",
  },
  STEP_TIMEOUT: {
    exit: 1,
    means: "A step or a check did not end within its time.",
    cause: "The command hangs, waits for input, or needs longer than its `timeout` allows.",
    action: "Read the output with `halligan logs`; raise `timeout` if the step is merely slow.",
  },
  CHECK_FAILED: {
    exit: 5,
    means: "A step's check could not tell the state of the node.",
    cause: "A tool that the check needs is missing on the node, or a guard command failed to start.",
    action: "Mend what the message names, then plan again.",
  },
  PRECHECK_FAILED: {
    exit: 5,
    means: "A condition that a barclamp sets for its role does not hold on the node; nothing was changed for that role.",
    cause:
      "What the cause says was seen: a port that another program has, too little disk or memory, a clock that is off, a name or a package that is not found.",
    action: "Put it right on the node, or place the role elsewhere; then plan again.",
  },
  OUTCOME_UNKNOWN: {
    exit: 5,
    means: "The engine cannot know how a job on a node ended.",
    cause: "The node went down, or the job's process was killed, before it reported.",
    action: "Bring the node back and run `halligan plan`: its check shows what is left to do. Nothing is rerun blindly.",
  },
  RUN_CANCELLED: {
    exit: 6,
    means: "The run was cancelled.",
    cause: "Somebody asked for it.",
    action: "`halligan plan` shows what is left to do.",
  },
  RUN_ACTIVE: {
    exit: 4,
    means: "Another run is working on the same cluster.",
    cause: "A run was started and has not ended.",
    action: "Wait for it (`halligan watch`) or cancel it (`halligan cancel`).",
  },
  BLOCKED_BY_FAILURE: {
    exit: 1,
    means: "A node-role was not started because something it needs failed.",
    cause: "A node-role that must be active first ended with an error, or the failure budget of the rollout is used up.",
    action: "Mend the first failure that is listed, then plan and apply again.",
  },
  VERIFY_FAILED: {
    exit: 1,
    means: "The steps were carried out, but the role does not work as its `verify` demands.",
    cause: "The service does not answer, or answers wrongly, within the deadline.",
    action: "Read the output with `halligan logs`, and the service's own log on the node.",
  },
  RUN_NOT_FOUND: {
    exit: 2,
    means: "There is no such run or plan.",
    cause: "A mistyped id, or another cluster's store.",
    action: "`halligan runs` lists the runs of this cluster.",
  },
  RUN_PRUNED: {
    exit: 2,
    means: "The run or plan is known, but its details were removed.",
    cause: "`halligan state prune` removed what was older than it was told to keep.",
    action: "`halligan runs` says how it ended, `halligan audit` who did what; a backup (`state export`) from before still has it.",
  },
  RUN_ENDED: {
    exit: 4,
    means: "The run has ended already.",
    cause: "It finished, failed or was cancelled before this command came.",
    action: "`halligan status` shows how it ended.",
  },
  ENGINE_GONE: {
    exit: 5,
    means: "No engine process could be started or it ended without a result.",
    cause: "The engine was killed, or cannot write to the store.",
    action: "Run the command again: a new engine re-attaches to what is running. `.halligan/engine.log` has the engine's last words.",
  },
  CONFIRM_NEEDED: {
    exit: 2,
    means: "A change needs a confirmation, and nobody can be asked.",
    cause: "The command runs without a terminal and without `--yes`.",
    action: "Read the plan, then run the command again with `--yes`.",
  },
  SECRET_MISSING: {
    exit: 2,
    means: "A secret that the cluster file refers to cannot be had.",
    cause: "Its environment variable is not set, its file is missing, or nobody could be asked.",
    action: "Provide the secret where the cluster file says it comes from.",
  },
  NODE_UNKNOWN: {
    exit: 2,
    means: "A node that was named is not in the cluster file.",
    cause: "A mistyped name, or a node that was removed from the file after the plan was made.",
    action: "`halligan nodes` lists the nodes.",
  },
  OUTPUT_INVALID: {
    exit: 1,
    means: "A step gave a value that is not of the type its output declares.",
    cause: "The command prints something else, or a message, where the value is expected.",
    action: "Make the command print the value alone, or correct the output's `type`.",
  },
} as const satisfies Record<string, CodeEntry>;
