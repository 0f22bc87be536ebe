import type { CodeEntry } from "./entry.ts";

/** Problems of the lab. */
export const labCodes = {
  LAB_UNSUPPORTED: {
    exit: 2,
    means: "This machine cannot run the lab driver that was asked for.",
    cause: "The kernel refuses user namespaces or overlay mounts, or root is needed.",
    action: "Follow the hint, or use another `--driver`.",
  },
  LAB_CLUSTER_EXISTS: {
    exit: 2,
    means: "The folder has a cluster file that does not name the nodes of the lab; it was left alone.",
    cause: "The lab was started in a folder that already describes another cluster.",
    action: "Add the nodes that `halligan lab status` shows to the cluster file, or start the lab in an empty folder.",
  },
  LAB_DIFFERS: {
    exit: 4,
    means: "Another lab is already up in this folder.",
    cause: "It has another driver, another number of nodes or another layer than was asked for.",
    action: "Run `halligan lab down` first, or use the lab that is up.",
  },
  LAB_LAYER_INVALID: {
    exit: 2,
    means: "The folder given with `--layer` is no tree that machines can have below their own files.",
    cause: "It is missing or empty, or its path has a character that mount reads as a separator.",
    action: "Name a copy of what a machine of a lab wrote, `.halligan/lab/nodes/n1/upper`; `halligan help lab up` says how to make one.",
  },
  LAB_BUSY: {
    exit: 4,
    means: "Another `halligan lab` command is working on the same folder.",
    cause: "Two commands were started at the same time.",
    action: "Wait for the other command to end, then try again.",
  },
  LAB_ADDRESS_TAKEN: {
    exit: 4,
    means: "An address of the lab is used by another process.",
    cause: "Another lab or server listens there.",
    action: "Stop the other process, or run `halligan lab down --discard` and then `lab up` to get new addresses.",
  },
  LAB_STATE_INVALID: {
    exit: 2,
    means: "The lab's state file cannot be read.",
    cause: "It was edited or damaged, or another version of Halligan wrote it.",
    action: "Remove `.halligan/lab` in the cluster folder and run `halligan lab up` again.",
  },
  LAB_NODES_INVALID: {
    exit: 2,
    means: "A lab cannot have this number of nodes, or this name.",
    cause: "The number is not between 1 and 100, or the cluster name has other characters than a-z, 0-9 and `-`.",
    action: "Choose another number or name.",
  },
  LAB_FAILED: {
    exit: 5,
    means: "A node of the lab did not start; everything that had started was stopped again.",
    cause: "The message of the failing command is shown.",
    action: "Read `.halligan/lab/lab.log` in the cluster folder.",
  },
} as const satisfies Record<string, CodeEntry>;
