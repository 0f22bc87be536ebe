import { createTwoFilesPatch } from "diff";

/** A unified diff between two texts, with three lines around each change; empty when they are the same. */
export function unifiedDiff(
  file: string,
  before: string,
  after: string,
  names?: { readonly before: string; readonly after: string },
): string {
  if (before === after) return "";
  const patch = createTwoFilesPatch(file, file, before, after, names?.before, names?.after, { context: 3 });
  return patch.slice(patch.indexOf("--- "));
}
