import { safeText } from "../../core/words/safe-text.ts";
import { cutToWidth, textWidth } from "../../core/words/text-width.ts";

/** What a piece of text means; a theme decides how that looks. */
export type Tone =
  | ("plain" | "dim" | "strong" | "accent" | "ok" | "warn" | "bad" | "busy" | "add" | "del" | "change")
  /** Parts of a file's contents. */
  | ("key" | "text" | "number" | "keyword" | "comment");

/** A piece of one terminal row. */
export type Seg = readonly [text: string, tone: Tone];

/** One terminal row. `selected`: the row the cursor is on; `faded`: behind a dialogue, or out of date. */
export interface Line {
  readonly segs: readonly Seg[];
  readonly look: "normal" | "selected" | "faded";
  /** Further pieces that always look normal: what stands beside a selected row. */
  readonly beside?: readonly Seg[];
}

/** A row of pieces; a text alone is plain. Texts of any origin are made safe and put on one line. */
export function line(...parts: readonly (Seg | string)[]): Line {
  return { segs: parts.map((part) => (typeof part === "string" ? [oneLine(part), "plain"] : [oneLine(part[0]), part[1]])), look: "normal" };
}

/** An empty row. */
export const blank: Line = { segs: [], look: "normal" };

const simple = /^[\u0020-\u007e]*$/u;

/** Text that cannot move the cursor or hide anything, on one line. */
export function oneLine(text: string): string {
  if (simple.test(text)) return text;
  return safeText(text.replaceAll("\t", "    ").replaceAll(/\r?\n/gu, " "));
}

/** Columns a row takes. */
export function lineWidth({ segs }: Line): number {
  return segs.reduce((sum, [text]) => sum + textWidth(text), 0);
}

/** The text of a row without its looks. */
export function lineText({ segs }: Line): string {
  return segs.map(([text]) => text).join("");
}

/** The row cut or filled to exactly `width` columns. */
export function fit(row: Line, width: number, mark: string): Line {
  if (row.beside !== undefined) {
    const left = lineWidth({ segs: row.segs, look: "normal" });
    return { segs: row.segs, look: row.look, beside: fit({ segs: row.beside, look: "normal" }, Math.max(0, width - left), mark).segs };
  }
  const segs: Seg[] = [];
  let used = 0;
  let cut = false;
  for (const [text, tone] of row.segs) {
    const room = width - used;
    const size = textWidth(text);
    if (size <= room) {
      segs.push([text, tone]);
      used += size;
      continue;
    }
    const kept = cutToWidth(text, room, mark);
    segs.push([kept, tone]);
    used += textWidth(kept);
    cut = true;
    break;
  }
  if (cut && used === width && lineText({ segs, look: "normal" }).endsWith(mark) === false) replaceEnd(segs, mark);
  if (used < width) segs.push([" ".repeat(width - used), "plain"]);
  return { segs, look: row.look };
}

/** A row that was cut exactly between two pieces still says that something is missing. */
function replaceEnd(segs: Seg[], mark: string): void {
  for (let index = segs.length - 1; index >= 0; index -= 1) {
    const [text, tone] = segs[index] ?? ["", "plain"];
    if (text === "") continue;
    segs[index] = [cutToWidth(`${text}  `, textWidth(text), mark), tone];
    return;
  }
}

/** The row from column `from` on: what a sideways scroll shows. */
export function shifted(row: Line, from: number): Line {
  let left = from;
  const segs: Seg[] = [];
  for (const [text, tone] of row.segs) {
    const size = textWidth(text);
    if (size <= left) {
      left -= size;
      continue;
    }
    segs.push([left === 0 ? text : dropColumns(text, left), tone]);
    left = 0;
  }
  return { segs, look: row.look };
}

function dropColumns(text: string, columns: number): string {
  const kept = cutToWidth(text, columns, "");
  return " ".repeat(columns - textWidth(kept)) + text.slice(kept.length);
}

/** A text cut or filled to exactly `width` columns. */
export function fitText(text: string, width: number, mark: string): string {
  const cut = cutToWidth(oneLine(text), width, mark);
  return cut + " ".repeat(Math.max(0, width - textWidth(cut)));
}

/** The same row with another look. */
export function withLook(row: Line, look: Line["look"]): Line {
  if (row.look === look) return row;
  return look === "faded" ? { segs: [...row.segs, ...(row.beside ?? [])], look } : { ...row, look };
}
