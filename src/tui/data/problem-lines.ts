import type { Problem } from "../../core/errors.ts";
import { type Line, line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** Problems as rows: what, where, why, what to do. */
export function problemLines(problems: readonly Problem[], width: number): readonly Line[] {
  return problems.flatMap((each) => [
    ...wrapWords(`${each.code}: ${each.message}`, width).map((text, index) => line([text, index === 0 ? "bad" : "plain"])),
    ...(each.at === undefined ? [] : [line(["  at ", "dim"], placeWords(each.at))]),
    ...(each.cause === undefined ? [] : wrapWords(`because ${each.cause}`, width - 2).map((text) => line(["  ", "dim"], [text, "dim"]))),
    ...wrapWords(`do: ${each.hint}`, width - 2).map((text) => line("  ", [text, "accent"])),
  ]);
}

function placeWords(at: NonNullable<Problem["at"]>): string {
  if ("file" in at) return `${at.file}:${at.line}:${at.column}`;
  return [at.node, at.role, at.step].filter((part) => part !== undefined).join(" / ");
}
