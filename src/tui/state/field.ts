import { letters } from "../text/letters.ts";
import { typedBy } from "../keys/key-names.ts";

/** A line that is being typed. `at` counts characters (code points) before the caret. */
export interface Field {
  readonly text: string;
  readonly at: number;
}

export const emptyField: Field = { text: "", at: 0 };

/** A field that holds a text, the caret behind it. */
export function fieldOf(text: string): Field {
  return { text, at: letters(text).length };
}

/** What a key does to a field; `undefined` = the key means nothing to it. */
export function editField(field: Field, key: string): Field | undefined {
  const chars = letters(field.text);
  const put = (from: number, to: number, text: string): Field => ({
    text: [...chars.slice(0, from), text, ...chars.slice(to)].join(""),
    at: from + letters(text).length,
  });
  switch (key) {
    case "backspace":
    case "delete":
      // Many terminals send the code of "delete" for the backspace key, so both take what stands before the caret.
      return field.at === 0 ? field : put(field.at - 1, field.at, "");
    case "ctrl+d":
      return put(field.at, field.at + 1, "");
    case "ctrl+u":
      return put(0, field.at, "");
    case "ctrl+k":
      return put(field.at, chars.length, "");
    case "ctrl+w":
      return put(wordBefore(chars, field.at), field.at, "");
    case "left":
      return { ...field, at: Math.max(0, field.at - 1) };
    case "right":
      return { ...field, at: Math.min(chars.length, field.at + 1) };
    case "home":
    case "ctrl+a":
      return { ...field, at: 0 };
    case "end":
    case "ctrl+e":
      return { ...field, at: chars.length };
    default: {
      const typed = typedBy(key);
      return typed === undefined ? undefined : put(field.at, field.at, typed);
    }
  }
}

/** The field after a paste: line breaks become spaces. */
export function pasteInto(field: Field, text: string): Field {
  const chars = letters(field.text);
  const pasted = text.replaceAll(/[\r\n\t]+/gu, " ").slice(0, 4_000);
  return { text: [...chars.slice(0, field.at), pasted, ...chars.slice(field.at)].join(""), at: field.at + letters(pasted).length };
}

function wordBefore(chars: readonly string[], at: number): number {
  let from = at;
  while (from > 0 && chars[from - 1] === " ") from -= 1;
  while (from > 0 && chars[from - 1] !== " ") from -= 1;
  return from;
}
