import { letters } from "../text/letters.ts";
/** What Ink says about a key press (`Key` of `useInput`), as far as it is used. */
export interface PressedKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

const special = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageDown", "pgdn"],
  ["pageUp", "pgup"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
] as const satisfies readonly (readonly [keyof PressedKey, string])[];

/**
 * Names of the keys of one call of `useInput`: `j`, `space`, `enter`, `ctrl+r`, `alt+x`, `shift+tab`. Several characters that arrived at once
 * are several keys. Sequences that nobody can tell apart (function keys) give nothing.
 */
export function keyNames(input: string, key: PressedKey): readonly string[] {
  const shift = key.shift ? "shift+" : "";
  for (const [flag, name] of special) if (key[flag]) return [`${key.ctrl ? "ctrl+" : ""}${name}`];
  if (key.tab) return [`${shift}tab`];
  if (key.backspace || key.delete) return [key.delete ? "delete" : "backspace"];
  if (key.ctrl) return input === "" ? [] : [`ctrl+${input === " " ? "space" : input.toLowerCase()}`];
  if (key.meta) return input === "" ? [] : [`alt+${input}`];
  return letters(input).flatMap((char) => nameOf(char));
}

/** A burst can hold control characters among the letters. */
function nameOf(char: string): readonly string[] {
  switch (char) {
    case " ":
      return ["space"];
    case "\r":
      return ["enter"];
    case "\n":
      return ["ctrl+j"];
    case "\t":
      return ["tab"];
    case "\u001b":
      return ["esc"];
    case "\u007f":
    case "\b":
      return ["backspace"];
    default: {
      const code = char.codePointAt(0) ?? 0;
      if (code < 0x20) return [`ctrl+${String.fromCharCode(code + 0x60)}`];
      return code >= 0x80 && code < 0xa0 ? [] : [char];
    }
  }
}

/** The character that a key types into a field; `undefined` where it types none. */
export function typedBy(key: string): string | undefined {
  if (key === "space") return " ";
  return letters(key).length === 1 ? key : undefined;
}
