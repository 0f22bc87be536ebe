import { textWidth } from "../../core/words/text-width.ts";
import { rememberEach } from "../data/remember.ts";
import { type Line, type Seg, type Tone, fitText, oneLine } from "./line.ts";

/** One column of a table of rows. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly tone?: (row: Row) => Tone;
  /** The most it takes; default 40. */
  readonly most?: number;
  /** How wide the cell may become, where what stands in it changes without the row. */
  readonly takes?: (row: Row) => number;
  /** Left out first where room is short: higher goes earlier; 0 (default) stays. */
  readonly drop?: number;
  readonly align?: "right";
}

/** Widths for one screen width: decided once over all rows, so that columns stand still while one scrolls. */
export interface TableShape<Row> {
  readonly columns: readonly { readonly column: Column<Row>; readonly width: number }[];
}

const gap = 2;

/** Widths of a row's cells. */
export type Measure<Row> = (row: Row) => readonly number[];

/** Measures the cells of rows, each row once for as long as it lives; cells must depend on nothing else, but for those that say what they take. */
export function measure<Row extends object>(columns: readonly Column<Row>[]): Measure<Row> {
  return rememberEach((row: Row) => columns.map((column) => cellWidth(column, row)));
}

function cellWidth<Row>({ cell, takes }: Column<Row>, row: Row): number {
  return takes?.(row) ?? textWidth(oneLine(cell(row)));
}

/** Chooses columns and widths: columns that may go are left out until the table fits, then the widest is narrowed. */
export function tableShape<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  room: number,
  widths?: Measure<Row>,
): TableShape<Row> {
  const widest = columns.map(({ title }) => textWidth(title));
  const measureRow = widths ?? ((row: Row) => columns.map((column) => cellWidth(column, row)));
  for (const row of rows) {
    const found = measureRow(row);
    for (let at = 0; at < widest.length; at += 1) widest[at] = Math.max(widest[at] ?? 0, found[at] ?? 0);
  }
  let shown = columns.map((column, at) => ({ column, width: Math.min(widest[at] ?? 0, column.most ?? 40) }));
  const used = (): number => shown.reduce((sum, { width }) => sum + width + gap, -gap);
  while (used() > room) {
    const least = Math.max(...shown.map(({ column }) => column.drop ?? 0));
    if (least === 0) break;
    const index = shown.findLastIndex(({ column }) => (column.drop ?? 0) === least);
    shown = shown.filter((_, at) => at !== index);
  }
  const excess = used() - room;
  if (excess > 0) {
    const widest = shown.reduce((best, each, index) => (each.width > (shown[best]?.width ?? 0) ? index : best), 0);
    shown = shown.map((each, index) => (index === widest ? { ...each, width: Math.max(4, each.width - excess) } : each));
  }
  return { columns: shown };
}

/** True when tables of both shapes look the same, of the same rows. */
export function sameShape<Row>(one: TableShape<Row>, other: TableShape<Row>): boolean {
  return (
    one.columns.length === other.columns.length &&
    one.columns.every(({ column, width }, at) => column === other.columns[at]?.column && width === other.columns[at].width)
  );
}

/** The titles' row. */
export function tableHead<Row>({ columns }: TableShape<Row>, mark: string): Line {
  return {
    segs: columns.map(({ column, width }, index): Seg => [`${index === 0 ? "" : "  "}${fitText(column.title, width, mark)}`, "dim"]),
    look: "normal",
  };
}

/** One row of the table. */
export function tableRow<Row>({ columns }: TableShape<Row>, row: Row, mark: string): Line {
  const segs = columns.flatMap(({ column, width }, index): readonly Seg[] => {
    const before: Seg = [index === 0 ? "" : "  ", "plain"];
    const text = oneLine(column.cell(row));
    const tone = column.tone?.(row) ?? "plain";
    const size = textWidth(text);
    const cell = column.align === "right" && size < width ? " ".repeat(width - size) + text : fitText(text, width, mark);
    return [before, [cell, tone]];
  });
  return { segs, look: "normal" };
}
