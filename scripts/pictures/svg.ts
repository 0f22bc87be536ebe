import type { ScreenCell } from "../../test/support/pty.ts";

/** Colours of a picture: the terminal's own and its sixteen. */
export interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly sixteen: readonly string[];
}

/** A terminal with a dark ground. */
export const dark: Palette = {
  ground: "#16191f",
  text: "#d5d9e0",
  sixteen: [
    ...["#3b4048", "#f0616d", "#8cc570", "#e5b567", "#61a8f0", "#c67bdb", "#56b8c4", "#d5d9e0"],
    ...["#7d8590", "#ff7b86", "#a5d98b", "#f2cc8c", "#82bdf7", "#d99aeb", "#7dcfd9", "#ffffff"],
  ],
};

/** A terminal with a light ground. */
export const light: Palette = {
  ground: "#fdfdfb",
  text: "#24292f",
  sixteen: [
    ...["#24292f", "#c4232f", "#1c7a35", "#8a5d00", "#0b5bc0", "#8431b0", "#127782", "#6a737d"],
    ...["#57606a", "#a40e26", "#116329", "#633c01", "#0550ae", "#6639ba", "#0c5a63", "#8c959f"],
  ],
};

/** Of DejaVu Sans Mono, whose box drawing signs then touch each other: advance, line height and ascent, in parts of the font's size. */
const metrics = { advance: 0.60205, line: 1.164, ascent: 0.928 } as const;
const size = 16;
const cell = { width: size * metrics.advance, height: size * metrics.line } as const;
/** Pixels between the window's edge and the text, and the height of its title bar. */
const margin = 14;
const bar = 30;
/** What is left of a colour that is dim. */
const dimmed = 0.58;

interface Run {
  readonly text: string;
  readonly column: number;
  readonly columns: number;
  readonly style: Pick<ScreenCell, "colour" | "bold" | "dim" | "inverse">;
}

/** A picture of a terminal's screen as SVG: a rectangle behind what is in reverse video, and one text for each run of cells that look the same. */
export function screenSvg(title: string, rows: readonly (readonly ScreenCell[])[], palette: Palette): string {
  const columns = rows[0]?.length ?? 0;
  const width = Math.ceil(columns * cell.width + margin * 2);
  const height = Math.ceil(rows.length * cell.height + margin * 2 + bar);
  const dots = ["#f0616d", "#e5b567", "#8cc570"].map(
    (colour, at) => `<circle cx="${margin + 6 + at * 20}" cy="${bar / 2 + 2}" r="6" fill="${colour}"/>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${size}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${palette.ground}" stroke="${palette.sixteen[8]}" stroke-opacity="0.5"/>`,
    ...dots,
    `<text x="${width / 2}" y="${bar / 2 + 7}" text-anchor="middle" font-size="13" fill="${palette.sixteen[8]}">${escaped(title)}</text>`,
    ...rows.flatMap((row, at) => runsOf(row).flatMap((run) => drawn(run, at, palette))),
    "</svg>",
  ].join("\n")}\n`;
}

/** Pieces of a row that look the same; spaces that nobody sees are left out. */
function runsOf(row: readonly ScreenCell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [column, each] of row.entries()) {
    if (each.width === 0) continue;
    const last = runs.at(-1);
    // A sign that the font might lack stands in a cell of its own, so that whatever a browser takes instead moves nothing else.
    const alone = !/^[\u0020-\u007e]$/u.test(each.text);
    const joins = last !== undefined && !alone && /^[\u0020-\u007e]+$/u.test(last.text) && looks(last.style) === looks(each);
    const same = last !== undefined && alone && last.text.endsWith(each.text) && looks(last.style) === looks(each);
    if (last !== undefined && (joins || same))
      runs[runs.length - 1] = { ...last, text: last.text + each.text, columns: last.columns + each.width };
    else runs.push({ text: each.text, column, columns: each.width, style: each });
  }
  return runs.filter(({ text, style }) => style.inverse || text.trim() !== "");
}

function looks({ colour, bold, dim, inverse }: Run["style"]): string {
  return `${colour ?? ""} ${bold} ${dim} ${inverse}`;
}

function drawn({ text, column, columns, style }: Run, row: number, palette: Palette): readonly string[] {
  const colour = style.colour === undefined ? palette.text : (palette.sixteen[style.colour] ?? palette.text);
  const ink = style.dim ? mixed(colour, palette.ground) : colour;
  const [x, y] = [margin + column * cell.width, bar + margin + row * cell.height];
  const width = columns * cell.width;
  const back = style.inverse
    ? [
        `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(cell.height)}" fill="${ink}" shape-rendering="crispEdges"/>`,
      ]
    : [];
  if (text.trim() === "") return back;
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  const length = (columns - (text.length - shown.length)) * cell.width;
  const attributes = [
    `x="${short(x + lead * cell.width)}" y="${short(y + size * metrics.ascent)}"`,
    `textLength="${short(length)}" lengthAdjust="spacingAndGlyphs"`,
    `fill="${style.inverse ? palette.ground : ink}"`,
    ...(style.bold ? [`font-weight="bold"`] : []),
    ...(shown.includes("  ") ? [`xml:space="preserve"`] : []),
  ];
  return [...back, `<text ${attributes.join(" ")}>${escaped(shown)}</text>`];
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A colour of which only a part is seen on the ground. */
function mixed(colour: string, ground: string): string {
  const parts = (text: string): readonly number[] => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  const under = parts(ground);
  const channels = parts(colour).map((part, at) => Math.round(part * dimmed + (under[at] ?? 0) * (1 - dimmed)));
  return `#${channels.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
