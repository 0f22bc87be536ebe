import type { Change } from "../../core/model/plan.ts";
import { rememberEach } from "../data/remember.ts";
import { type Language, highlight, languageOf } from "../text/syntax.ts";
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

/** The diff of a step with its colours: unified diffs, and `key: before -> after` lines; contents of files in those of their language. */
export const diffLines = rememberEach(
  ({ label, diff }: { readonly label: string; readonly diff?: string | undefined }): readonly Line[] => {
    if (diff === undefined || diff === "") return [];
    const rows = diff.replace(/\n$/u, "").split("\n");
    const from = rows.findIndex((text) => text.startsWith("@@"));
    const path = /\/\S*/u.exec(label)?.[0] ?? "";
    const language =
      from === -1
        ? undefined
        : languageOf(
            path,
            rows.slice(from).flatMap((text) => (/^[ +]/u.test(text) ? [text.slice(1)] : [])),
          );
    // The file's name stands above already.
    return rows.flatMap((text, index) => (index < from && named.test(text) ? [] : [diffLine(text, from !== -1 && index > from, language)]));
  },
);

const named = /^(?:--- |\+\+\+ )/u;

function diffLine(text: string, inHunk: boolean, language: Language | undefined): Line {
  if (text.startsWith("@@") || (!inHunk && named.test(text))) return line([text, "dim"]);
  const tone: Tone = text.startsWith("+") ? "add" : text.startsWith("-") ? "del" : text.includes(" -> ") ? "change" : "plain";
  if (!inHunk || language === undefined || !/^[ +-]/u.test(text)) return line([text, tone]);
  return line([text.slice(0, 1), tone], ...highlight(text.slice(1), language, tone === "change" ? "plain" : tone));
}
