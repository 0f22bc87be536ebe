import type { CodeEntry } from "./entry.ts";

/** Problems of files that users write: cluster files, barclamps, command lines. */
export const fileCodes = {
  YAML_INVALID: {
    exit: 2,
    means: "The file is not valid YAML.",
    cause: "A wrong indent, an unclosed quote or bracket, a tab, or a key written twice.",
    action: "Correct the line that is shown and run `halligan validate` again.",
  },
  FILE_NOT_FOUND: {
    exit: 2,
    means: "A file that the command needs does not exist or cannot be read.",
    cause: "The path is wrong, or the file is not readable by this user.",
    action: "Check the path and its permissions. `-f` names another cluster file; `halligan init` writes a new one.",
  },
  KEY_UNKNOWN: {
    exit: 2,
    means: "A key is not part of the file format.",
    cause: "A spelling mistake, or a key of a later version of Halligan.",
    action: "Use the suggested key, or remove it.",
  },
  VALUE_INVALID: {
    exit: 2,
    means: "A value has the wrong type or is out of its range.",
    cause: "The value does not fit what the key expects.",
    action: "Write a value of the type that is shown.",
  },
  KEY_MISSING: {
    exit: 2,
    means: "A key that is needed is not there.",
    cause: "It was forgotten, or stands at another indent than intended.",
    action: "Add the key.",
  },
  FILE_TOO_LARGE: {
    exit: 2,
    means: "A file or a barclamp is larger than Halligan reads.",
    cause: "A wrong file was named, or large files lie in a barclamp's folder.",
    action: "Name the right file; let large files be downloaded by a step instead of keeping them in a barclamp.",
  },
  FILE_NOT_TEXT: {
    exit: 2,
    means: "A file that must be UTF-8 text holds other bytes.",
    cause: "The file is binary, compressed, or saved in another encoding such as UTF-16 or Latin-1.",
    action: "Save the file as UTF-8.",
  },
  RANGE_INVALID: {
    exit: 2,
    means: "A range such as `[01-20]` cannot be expanded.",
    cause: "It is not written as a range, counts down, is too long, or has another length than the range in the node's name.",
    action: "Write a range such as [1-3], [01-20] or [1-3,7], of the same length as the one in the name.",
  },
  NODE_TWICE: {
    exit: 2,
    means: "Two nodes have the same name, or the same address and port.",
    cause: "Ranges overlap, or a line was copied.",
    action: "Give each node a name and an address of its own.",
  },
  LATER_STAGE: {
    exit: 2,
    means: "A word is reserved for a later version of Halligan.",
    cause: "Devices, external nodes, networks, conduits, pools and other jigs than shell and noop are not built yet.",
    action: "Remove it.",
  },
  SELECTOR_INVALID: {
    exit: 2,
    means: "A selector cannot be read.",
    cause: "A missing value, operator or parenthesis.",
    action: "Write a selector such as `tier=control & rack!=r2`, `name=ctl-*` or `all`.",
  },
  SELECTOR_EMPTY: {
    exit: 2,
    means: "The selector of a group matches no node.",
    cause: "A spelling mistake in the selector or in the labels of the nodes.",
    action: "Correct the selector or the labels (`halligan nodes SELECTOR` shows what it matches).",
  },
  SECRET_LITERAL: {
    exit: 2,
    means: "A secret is written out in a file.",
    cause: "A value was given where only a reference to a secret may stand.",
    action:
      "Remove the value, treat it as known to others, and refer to it: { env: NAME }, { file: PATH }, { ask: true } or { generate: 32 }.",
  },
  BARCLAMP_UNKNOWN: {
    exit: 2,
    means: "The cluster file speaks of a barclamp that is not known.",
    cause: "A spelling mistake, or the barclamp is not in the cluster folder, the lock file or among those shipped.",
    action: "Correct the name (`halligan barclamp list` shows what is known).",
  },
  SETTING_UNKNOWN: {
    exit: 2,
    means: "A setting is not an attribute of its barclamp.",
    cause: "A spelling mistake, or another version of the barclamp.",
    action: "Use one of the barclamp's attributes (`halligan barclamp show NAME` lists them).",
  },
  SETTING_MISSING: {
    exit: 2,
    means: "A barclamp needs a setting that nothing gives.",
    cause: "The attribute is required and has no default.",
    action: "Set it for the deployment, a group, a node or the whole cluster.",
  },
  STEP_KIND_UNKNOWN: {
    exit: 2,
    means: "A step is not of a known kind.",
    cause: "A spelling mistake, a missing kind, or two kinds in one step.",
    action: "Write each step as one kind with its arguments (`halligan steps` lists the kinds).",
  },
  STEP_UNKNOWN: {
    exit: 2,
    means: "An output takes its value from a step that the role does not have.",
    cause: "A spelling mistake, or the step has no `name`.",
    action: "Give the step a `name` and use it in `fromStep`.",
  },
  PATH_ESCAPES: {
    exit: 2,
    means: "A path leads out of the barclamp's folder.",
    cause: "The path is absolute, holds `..`, or is a symbolic link to the outside.",
    action: "Put the file below `templates/` or `files/` of the barclamp and name it relative to the barclamp's folder.",
  },
  BARCLAMP_EXISTS: {
    exit: 2,
    means: "A new barclamp would overwrite files.",
    cause: "The folder exists already and is not empty.",
    action: "Choose another name, or remove the folder.",
  },
  FILE_EXISTS: {
    exit: 2,
    means: "A file that the command would write exists already; it was left alone.",
    cause: "The command was run here before, or the file belongs to something else.",
    action: "Choose another folder or name, or remove the file.",
  },
  FILE_UNWRITABLE: {
    exit: 2,
    means: "A file or folder cannot be written.",
    cause: "Wrong permissions, a full or read-only file system, or a file where a folder should be.",
    action: "Mend what the cause names, then run the command again.",
  },
  INTERRUPTED: {
    exit: 6,
    means: "The command was interrupted before it had ended.",
    cause: "Ctrl+C was pressed, the terminal was closed, or a signal was sent.",
    action: "Run the command again; what runs on nodes goes on by itself (`halligan status`).",
  },
  USAGE: {
    exit: 2,
    means: "The command line is not valid.",
    cause: "An unknown command or option, or a missing argument.",
    action: "See `halligan help`.",
  },
} as const satisfies Record<string, CodeEntry>;
