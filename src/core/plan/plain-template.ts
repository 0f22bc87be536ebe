/** Reads what a plain template says; `undefined` where only the template language itself can tell: what it does with a list, or why a name is unknown. */
export type PlainReader = (scope: Readonly<Record<string, unknown>>) => string | number | boolean | undefined;

/** A name with properties, as most templates have them and nothing else: `{{ node.address }}`. Words that the template language gives a meaning are left to it. */
const OUTPUT = /\{\{[ \t]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*\}\}/gu;
const MEANT = new Set([
  "true",
  "false",
  "nil",
  "null",
  "empty",
  "blank",
  "size",
  "first",
  "last",
  "and",
  "or",
  "not",
  "contains",
  "if",
  "else",
]);

/**
 * A reader for text in which nothing but names stand between braces; `undefined` for every other template. It reads what the template language would
 * read, in the same order, and gives what that would give, for a tenth of the time.
 */
export function plainReader(source: string): PlainReader | undefined {
  const texts: string[] = [];
  const paths: (readonly string[])[] = [];
  let at = 0;
  for (const match of source.matchAll(OUTPUT)) {
    const path = (match[1] ?? "").split(".");
    if (path.some((name) => MEANT.has(name))) return undefined;
    texts.push(source.slice(at, match.index));
    paths.push(path);
    at = match.index + match[0].length;
  }
  texts.push(source.slice(at));
  if (paths.length === 0 || texts.some((text) => /\{\{|\{%|\}\}|%\}/u.test(text) || text.endsWith("{"))) return undefined;
  const [only] = paths;
  if (only !== undefined && paths.length === 1 && texts.every((text) => text === "")) return (scope) => valueAt(scope, only);
  return (scope) => {
    let result = texts[0] ?? "";
    for (let index = 0; index < paths.length; index += 1) {
      const value = valueAt(scope, paths[index] ?? []);
      if (value === undefined) return undefined;
      result += String(value) + (texts[index + 1] ?? "");
    }
    return result;
  };
}

function valueAt(scope: unknown, path: readonly string[]): string | number | boolean | undefined {
  let value: unknown = scope;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : undefined;
    default:
      return undefined;
  }
}
