import { structuredPatch } from "diff";

/** Lines that differ between two texts, each with `+` or `-` and the number it has (after, for those that came), without what is around them. */
export function changedLines(before: string, after: string): readonly string[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 0 });
  return hunks.flatMap(({ oldStart, newStart, lines }) => {
    let [old, now] = [oldStart, newStart];
    return lines
      .filter((text) => text.startsWith("+") || text.startsWith("-"))
      .map((text) => `${text.slice(0, 1)}${text.startsWith("+") ? now++ : old++}: ${text.slice(1)}`);
  });
}
