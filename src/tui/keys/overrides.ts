import { type Problem, problem } from "../../core/errors.ts";
import { suggestion } from "../../core/model/suggest.ts";
import { letters } from "../text/letters.ts";
import { type KeyRow, conflicts } from "./keymap.ts";

/** One line of a person's own keymap: an action by its name (`list.down`), its keys, and where that stands. */
export interface OwnKey {
  readonly name: string;
  readonly keys: readonly string[];
  readonly line: number;
  readonly column: number;
}

/** A person's own keymap as it was read. */
export interface OwnKeys {
  /** Absolute path. */
  readonly file: string;
  readonly keys: readonly OwnKey[];
  /** What was wrong with the file itself. */
  readonly problems: readonly Problem[];
}

/** Nobody's own keys. */
export const noOwnKeys: OwnKeys = { file: "", keys: [], problems: [] };

const named = new Set([
  ...["enter", "esc", "tab", "shift+tab", "space", "backspace", "delete"],
  ...["up", "down", "left", "right", "home", "end", "pgup", "pgdn"],
]);

/** Terminals and tmux keep these for themselves, or send the same for another key. */
const kept = new Set(["ctrl+s", "ctrl+q", "ctrl+w", "ctrl+j", "ctrl+m", "ctrl+i", "ctrl+h"]);

/** Without these nobody would find the way out. */
const needed = new Set(["global.quit", "global.help", "global.back"]);

/** The keymap with a person's own keys, and everything that is wrong with them; with problems the standard keymap holds. */
export function overrideKeys(
  standard: readonly KeyRow[],
  own: OwnKeys,
): { readonly rows: readonly KeyRow[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [...own.problems];
  const report = (key: OwnKey | undefined, message: string, hint?: string): void => {
    const { line, column } = key ?? { line: 1, column: 1 };
    problems.push(problem("KEYMAP_INVALID", { message, hint, at: { file: own.file, line, column } }));
  };
  const names = standard.map(nameOf);
  const byName = new Map(own.keys.map((key) => [key.name, key]));
  for (const key of own.keys) {
    if (!names.includes(key.name)) report(key, `There is no action ${key.name}.`, unknownHint(key.name, names));
    if (key.keys.length === 0 && needed.has(key.name)) report(key, `${key.name} needs a key: without it nobody finds the way out.`);
    for (const each of key.keys) {
      if (kept.has(each))
        report(key, `${each} does not reach ${key.name}: terminals keep it, or send it for another key.`, "Choose another key.");
      else if (!isKey(each))
        report(key, `There is no key ${each}.`, "Keys are single characters, ctrl+x, alt+x, and the names in docs/keys.md.");
    }
  }
  const rows = standard.map((row) => ({ ...row, keys: byName.get(nameOf(row))?.keys ?? row.keys }));
  for (const { key, scopes, actions } of conflicts(rows)) {
    const two = [`${scopes[0]}.${actions[0]}`, `${scopes[1]}.${actions[1]}`];
    const mine = two.map((name) => byName.get(name)).find((each) => each !== undefined);
    report(mine, `The key ${key} would mean ${two.join(" and ")} at once.`, "Give one of them another key.");
  }
  return problems.length > 0 ? { rows: standard, problems } : { rows, problems };
}

function nameOf({ scope, action }: KeyRow): string {
  return `${scope}.${action}`;
}

function unknownHint(name: string, names: readonly string[]): string {
  return `${suggestion(name, names) ?? ""} docs/keys.md has all actions.`.trim();
}

function isKey(key: string): boolean {
  const [, modifier, rest = ""] = /^(ctrl\+|alt\+)?(.+)$/su.exec(key) ?? [];
  if (modifier === undefined) return named.has(key) || (letters(key).length === 1 && key.trim() !== "");
  return letters(rest).length === 1 || (modifier === "ctrl+" && named.has(rest));
}
