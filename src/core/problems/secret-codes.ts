import type { CodeEntry } from "./entry.ts";

/** Problems of secrets: names, values, sources, versions and who can open them. */
export const secretCodes = {
  SECRET_UNKNOWN: {
    exit: 2,
    means: "A secret that was named is not in the cluster file.",
    cause: "A mistyped name, or a name that several deployments use.",
    action: "`halligan secrets list` has the names; write `DEPLOYMENT/BARCLAMP.ATTRIBUTE` where several have the same.",
  },
  SECRET_UNFIT: {
    exit: 2,
    means: "A value cannot be a secret.",
    cause: "It has fewer than 4 bytes and could not be told from other text in logs, it is larger than 64 KiB, or it is not text.",
    action: "Give a longer value; put what is not text into base64 first.",
  },
  SECRET_ELSEWHERE: {
    exit: 2,
    means: "A value cannot be set or generated here, because the cluster file says that it comes from somewhere else.",
    cause: "The source is `env`, `file` or `command`: the next plan would read it from there again.",
    action:
      "Change the value at its source and run `halligan secrets rotate NAME`, or write `ask: true` or `generate` in the cluster file.",
  },
  SECRET_EXISTS: {
    exit: 4,
    means: "A secret cannot be generated, because it has a value already.",
    cause: "It was made by an earlier plan, or by somebody.",
    action: "`halligan secrets rotate NAME` makes the next version.",
  },
  SECRET_UNCHANGED: {
    exit: 2,
    means: "A secret was not rotated: its source still gives the value that is sealed.",
    cause: "The value was not changed where it comes from.",
    action: "Change the value at its source, then rotate again.",
  },
  SECRET_COMMAND_FAILED: {
    exit: 2,
    means: "The program that gives a secret did not give it.",
    cause: "It is not installed, ended with an error, took too long, or printed nothing, too much or no text.",
    action:
      "Run the program by hand as the same user and in the cluster folder; what it printed is not shown, since it may hold the secret.",
  },
  RECIPIENT_INVALID: {
    exit: 2,
    means: "A recipient for sealed secrets is not one.",
    cause: "It is no age recipient (`age1...`, `age1pq1...`), is damaged, or is not in the list.",
    action:
      "`halligan secrets recipients list` has those that are there; a machine's own is shown by `halligan secrets recipients list` run there.",
  },
  RECIPIENT_NEEDED: {
    exit: 2,
    means: "A recipient cannot be removed.",
    cause: "It is this machine's own key, or the only one that is left: nobody here could open the secrets any more.",
    action: "Add another recipient first, and remove this one from the other machine.",
  },
  NOT_A_RECIPIENT: {
    exit: 2,
    means: "The key of this user and machine is not among those for which the secrets are sealed.",
    cause: "The cluster folder was shared or copied, and the key in `.halligan` is another one than before.",
    action: "Let somebody who can open them run `halligan secrets recipients add RECIPIENT`, or add your own key with `--with`.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
