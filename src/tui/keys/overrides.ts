import { type Problem, problem } from "../../core/errors.ts";
import { type KeyRow, conflicts } from "./keymap.ts";

/** Keys as a person's own file gives them: `nodes.shell: "!"`, or several: `list.down: [j, n]`. */
export type KeyOverrides = Readonly<Record<string, string | readonly string[]>>;

/** The keymap with a person's own keys, and everything that is wrong with them; with problems the standard keymap holds. */
export function overrideKeys(
  standard: readonly KeyRow[],
  own: KeyOverrides,
): { readonly rows: readonly KeyRow[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const known = new Set(standard.map(nameOf));
  for (const name of Object.keys(own)) {
    if (!known.has(name)) problems.push(problem("KEYMAP_INVALID", { message: `The keymap names ${name}, and there is no such action.` }));
  }
  const rows = standard.map((row) => {
    const keys = own[nameOf(row)];
    return keys === undefined ? row : { ...row, keys: typeof keys === "string" ? [keys] : keys };
  });
  for (const { key, scopes, actions } of conflicts(rows)) {
    const names = [`${scopes[0]}.${actions[0]}`, `${scopes[1]}.${actions[1]}`].join(" and ");
    problems.push(problem("KEYMAP_INVALID", { message: `The key ${key} would mean ${names} at once.` }));
  }
  return problems.length > 0 ? { rows: standard, problems } : { rows, problems };
}

function nameOf({ scope, action }: KeyRow): string {
  return `${scope}.${action}`;
}
