import type { CodeEntry } from "./entry.ts";

/** Problems of notes. */
export const noteCodes = {
  NOTE_NOT_FOUND: {
    exit: 2,
    means: "There is no such note.",
    cause: "It was removed, or its name is mistyped.",
    action: "`halligan note` lists the notes.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
