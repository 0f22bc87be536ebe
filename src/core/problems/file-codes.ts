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
    action: "Check the path and its permissions; `-f` names another cluster file.",
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
  USAGE: {
    exit: 2,
    means: "The command line is not valid.",
    cause: "An unknown command or option, or a missing argument.",
    action: "See `halligan help`.",
  },
} as const satisfies Record<string, CodeEntry>;
