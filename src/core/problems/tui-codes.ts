import type { CodeEntry } from "./entry.ts";

/** Problems of tui matters. */
export const tuiCodes = {
  KEYMAP_INVALID: {
    exit: 2,
    means: "A person's own keys for the terminal UI cannot be used.",
    cause: "The file names an action that does not exist, or gives one key two meanings at once.",
    action: "Correct the file (`docs/tui.md` lists actions and keys); until then the standard keys hold.",
  },
} satisfies Readonly<Record<string, CodeEntry>>;
