import { cutToWidth, padToWidth, textWidth } from "../core/words/text-width.ts";

/** Marks a piece of text. Never changes its width. */
export type Paint = (text: string) => string;

/** What views print on: how wide it is, and what it can show. Texts given to views are safe already (safe-text.ts). */
export interface Screen {
  /** Columns; Infinity where nothing is to be cut (a pipe, a file). */
  readonly width: number;
  /** False: ASCII only. */
  readonly unicode: boolean;
  /** True on a terminal that lines may be redrawn on. */
  readonly live: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly cyan: Paint;
}

/** What decides about a screen. */
export interface ScreenOptions {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly plain: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Makes a screen. Colour: on a terminal, without NO_COLOR, TERM=dumb or --plain; FORCE_COLOR asks for it anywhere. */
export function createScreen({ isTerminal, columns, plain, environment }: ScreenOptions): Screen {
  const dumb = environment["TERM"] === "dumb";
  const forced = isSet(environment["FORCE_COLOR"]) && environment["FORCE_COLOR"] !== "0";
  const colour = !plain && !isSet(environment["NO_COLOR"]) && environment["FORCE_COLOR"] !== "0" && (forced || (isTerminal && !dumb));
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  const paint = (open: number, close: number): Paint =>
    colour ? (text) => (text === "" ? "" : `\u001b[${open}m${text}\u001b[${close}m`) : (text) => text;
  return {
    width: isTerminal ? Math.max(columns ?? 80, 20) : Number.POSITIVE_INFINITY,
    // a file or pipe where nothing is said of characters gets UTF-8; a terminal, or LANG=C, does not
    unicode: !plain && (locale === "" ? !isTerminal : /utf-?8/iu.test(locale)),
    live: isTerminal && !plain && !dumb,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    cyan: paint(36, 39),
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly paint?: (row: Row, screen: Screen) => Paint;
  /** May be cut when the table is too wide; the widest of these is cut first. */
  readonly flexible?: boolean;
  readonly align?: "right";
}

const gap = 2;
const least = 8;

/** An aligned table that fits the width, title line first; cells are one line. */
export function table<Row>(screen: Screen, columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = rows.map((row) =>
    columns.map((column) =>
      column
        .cell(row)
        .replaceAll(/\s*\n\s*/gu, " ")
        .replaceAll("\t", " "),
    ),
  );
  const widths = columns.map((column, index) => Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ""))));
  shrink(widths, columns, screen.width);
  const mark = screen.unicode ? "…" : "~";
  const line = (texts: readonly string[], paints: readonly Paint[]): string => {
    const parts = texts.map((text, index) => {
      const width = widths[index] ?? 0;
      const cut = cutToWidth(text, width, mark);
      const space = " ".repeat(Math.max(0, width - textWidth(cut)));
      const painted = paints[index]?.(cut) ?? cut;
      if (columns[index]?.align === "right") return space + painted;
      return index === texts.length - 1 ? painted : painted + space;
    });
    return parts.join(" ".repeat(gap)).trimEnd();
  };
  const plain: Paint = (text) => text;
  return [
    line(
      columns.map((column) => column.title),
      columns.map(() => screen.dim),
    ),
    ...rows.map((row, index) =>
      line(
        cells[index] ?? [],
        columns.map((column) => column.paint?.(row, screen) ?? plain),
      ),
    ),
  ];
}

/** Takes columns from the widest flexible column until the table fits; it may stay too wide where nothing can be cut. */
function shrink(widths: number[], columns: readonly Column<never>[], room: number): void {
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, gap * (widths.length - 1)) - room;
    if (excess <= 0) return;
    const candidates = widths
      .map((width, index) => ({ width, index }))
      .filter(({ width, index }) => columns[index]?.flexible === true && width > least);
    const widest = candidates.reduce<{ width: number; index: number } | undefined>(
      (best, each) => (best === undefined || each.width > best.width ? each : best),
      undefined,
    );
    if (widest === undefined) return;
    widths[widest.index] = Math.max(least, Math.min(widest.width - 1, widest.width - Math.ceil(excess / candidates.length)));
  }
}

/** Breaks prose into lines of at most `width` columns; what stands in backticks is to be copied, so it stays on one line. */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.match(/(?:`[^`]*`|[^ ])+|(?<=^| )(?= |$)/gu) ?? []) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    return [...lines, line];
  });
}

/** `name   text` lines with the texts aligned and wrapped. */
export function definitions(
  screen: Screen,
  pairs: readonly (readonly [string, string])[],
  indent = 2,
  nameWidth?: number,
): readonly string[] {
  const left = nameWidth ?? Math.max(0, ...pairs.map(([name]) => textWidth(name)));
  const room = Math.max(20, Math.min(screen.width, 100) - indent - left - gap);
  return pairs.flatMap(([name, text]) =>
    wrapText(text, room).map((line, index) =>
      `${" ".repeat(indent)}${index === 0 ? screen.cyan(name) + " ".repeat(left - textWidth(name)) : padToWidth("", left)}${" ".repeat(gap)}${line}`.trimEnd(),
    ),
  );
}
