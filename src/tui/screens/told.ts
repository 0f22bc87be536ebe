import { type Line, type Seg, line, lineText } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import type { Row } from "./screen.ts";

/** A row of a page that tells about one thing; its id stays with what it tells. */
export interface Told {
  readonly id: string;
  readonly line: Line;
  /** What `/` looks at and the line mode reads out, where that is not the line itself. */
  readonly text?: string;
  readonly heading?: boolean;
}

/** The row of what is told. */
export function toldRow({ id, line: drawn, text, heading }: Told): Row {
  return { id, text: text ?? lineText(drawn).trim(), line: () => drawn, ...(heading === true ? { heading } : {}) };
}

/** A heading over what follows. */
export function title(text: string): Told {
  return { id: `title:${text}`, line: line([text, "strong"]), heading: true };
}

/** An empty row after what came. */
export function gap(id: string): Told {
  return { id: `gap:${id}`, line: line(""), heading: true };
}

/** A part of a page: its heading, its rows or one that says why there are none, and an empty row. */
export function part(name: string, rows: readonly Told[], none: string): readonly Told[] {
  return [title(name), ...(rows.length > 0 ? rows : [{ id: `none:${name}`, line: line([none, "dim"]) }]), gap(name)];
}

/** Prose as rows. */
export function prose(id: string, text: string, width: number, tone: Seg[1] = "plain"): readonly Told[] {
  return wrapWords(text, Math.max(20, width)).map((row, index): Told => ({ id: `${id}:${index}`, line: line([row, tone]) }));
}

/** The line moved to the right. */
export function indent(row: Line, by: number): Line {
  return { segs: [[" ".repeat(by), "plain"], ...row.segs], look: row.look };
}
