import type { z } from "zod";
import type { Json } from "../../ports.ts";

/**
 * Turns numbers and truth values into text where a schema wants text: a template that is one expression keeps its type, and
 * `content: "{{ set.port }}"` means the text. Returns the arguments to judge again, or undefined when nothing could be turned.
 */
export function asText(args: Json, issues: readonly z.core.$ZodIssue[]): Json | undefined {
  const paths = textPaths(issues);
  let changed = false;
  const turned = paths.reduce<Json>((value, path) => {
    const result = turn(value, path);
    changed ||= result !== value;
    return result;
  }, args);
  return changed ? turned : undefined;
}

/** Places where text was expected; of a union, in any of its forms. */
function textPaths(issues: readonly z.core.$ZodIssue[]): readonly (readonly PropertyKey[])[] {
  return issues.flatMap((issue) => {
    if (issue.code === "invalid_union") return issue.errors.flatMap((each) => textPaths(each).map((path) => [...issue.path, ...path]));
    return issue.code === "invalid_type" && issue.expected === "string" ? [issue.path] : [];
  });
}

function turn(value: Json, [key, ...rest]: readonly PropertyKey[]): Json {
  if (key === undefined) return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const before = items[Number(key)];
    if (before === undefined) return value;
    const after = turn(before, rest);
    return after === before ? value : items.with(Number(key), after);
  }
  const fields = value as Readonly<Record<string, Json>>;
  const name = String(key);
  const before = fields[name];
  if (before === undefined) return value;
  const after = turn(before, rest);
  return after === before ? value : { ...fields, [name]: after };
}
