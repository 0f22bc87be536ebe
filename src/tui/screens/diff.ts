import type { Change } from "../../core/model/plan.ts";
import { type Line, type Tone, line } from "../text/line.ts";

/** A step as one row: what it would do, and to what. */
export function stepLine({ change, label }: { readonly change: Change; readonly label: string }): Line {
  const { sign, tone } = changeSign(change);
  return line([`${sign} `, tone], [label, "plain"]);
}

/** How a change is shown. */
export function changeSign(change: Change): { readonly sign: string; readonly tone: Tone; readonly word: string } {
  switch (change) {
    case "none":
      return { sign: " ", tone: "dim", word: "unchanged" };
    case "create":
      return { sign: "+", tone: "add", word: "create" };
    case "change":
      return { sign: "~", tone: "change", word: "change" };
    case "destroy":
      return { sign: "-", tone: "del", word: "destroy" };
    case "unknown":
      return { sign: "?", tone: "warn", word: "known after others ran" };
    default:
      return change satisfies never;
  }
}

/** A diff with its colours: unified diffs, and `key: before -> after` lines. */
export function diffLines(diff: string | undefined): readonly Line[] {
  if (diff === undefined || diff === "") return [];
  return diff
    .replace(/\n$/u, "")
    .split("\n")
    .map((text) => line(diffParts(text)));
}

function diffParts(text: string): readonly [string, Tone] {
  if (/^(?:@@|--- |\+\+\+ )/u.test(text)) return [text, "dim"];
  if (text.startsWith("+")) return [text, "add"];
  if (text.startsWith("-")) return [text, "del"];
  return [text, text.includes(" -> ") ? "change" : "plain"];
}
