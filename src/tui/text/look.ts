import type { Line, Seg, Tone } from "./line.ts";

/** Signs, all one column wide. */
export interface Glyphs {
  readonly cursor: string;
  readonly mark: string;
  readonly ok: string;
  readonly bad: string;
  readonly busy: string;
  readonly waiting: string;
  readonly skipped: string;
  readonly changed: string;
  readonly unknown: string;
  readonly path: string;
  readonly cut: string;
  readonly rule: string;
  readonly bar: string;
  readonly caret: string;
  /** Top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string];
  readonly full: string;
  readonly open: string;
  /** What will not be done any more, in a bar. */
  readonly lost: string;
  /** Nothing had to be done. */
  readonly same: string;
  readonly less: string;
  readonly more: string;
  readonly folded: string;
  readonly unfolded: string;
}

const unicode: Glyphs = {
  cursor: "›",
  mark: "●",
  ok: "✔",
  bad: "✖",
  busy: "▶",
  waiting: "·",
  skipped: "↷",
  changed: "±",
  unknown: "?",
  path: "›",
  cut: "…",
  rule: "─",
  bar: "│",
  caret: "▏",
  corners: ["╭", "╮", "╰", "╯"],
  full: "█",
  open: "░",
  lost: "▒",
  same: "=",
  less: "‹",
  more: "›",
  folded: "▸",
  unfolded: "▾",
};

const ascii: Glyphs = {
  cursor: ">",
  mark: "*",
  ok: "+",
  bad: "x",
  busy: ">",
  waiting: ".",
  skipped: "-",
  changed: "~",
  unknown: "?",
  path: ">",
  cut: "~",
  rule: "-",
  bar: "|",
  caret: "_",
  corners: ["+", "+", "+", "+"],
  full: "#",
  open: ".",
  lost: "x",
  same: "=",
  less: "<",
  more: ">",
  folded: "+",
  unfolded: "-",
};

/** Names of themes; `mono` uses no colour at all. */
export const themeNames = ["dark", "light", "mono"] as const;
export type ThemeName = (typeof themeNames)[number];

/** How everything looks: the theme's codes and the set of signs. */
export interface Look {
  readonly theme: ThemeName;
  readonly glyphs: Glyphs;
}

/** Makes a look. */
export function lookOf(theme: ThemeName, unicodeWanted: boolean): Look {
  return { theme, glyphs: unicodeWanted ? unicode : ascii };
}

/** SGR codes (ECMA-48) of tones: the sixteen colours of the terminal's own palette, never a background. */
const codes: Readonly<Record<ThemeName, Readonly<Record<Tone, string>>>> = {
  dark: {
    plain: "",
    dim: "2",
    strong: "1",
    accent: "36",
    ok: "32",
    warn: "33",
    bad: "31;1",
    busy: "34;1",
    add: "32",
    del: "31",
    change: "33",
    key: "36",
    text: "33",
    number: "35",
    keyword: "34;1",
    comment: "2",
  },
  light: {
    plain: "",
    dim: "2",
    strong: "1",
    accent: "34",
    ok: "32",
    warn: "35",
    bad: "31;1",
    busy: "34;1",
    add: "32",
    del: "31",
    change: "35",
    key: "34",
    text: "35",
    number: "36",
    keyword: "34;1",
    comment: "2",
  },
  mono: {
    plain: "",
    dim: "2",
    strong: "1",
    accent: "1",
    ok: "",
    warn: "1",
    bad: "1",
    busy: "1",
    add: "",
    del: "",
    change: "",
    key: "",
    text: "",
    number: "",
    keyword: "",
    comment: "",
  },
};

/** The row as a terminal takes it. Every run of pieces that look the same is one sequence. */
export function paint(row: Line, { theme }: Pick<Look, "theme">): string {
  const tones = codes[theme];
  let text = "";
  let last = "";
  for (const [piece, tone] of row.look === "selected" ? row.segs.flatMap(withoutTonedSpaces) : row.segs) {
    if (piece === "") continue;
    const code = row.look === "faded" ? "2" : row.look === "selected" ? selected(tones[tone]) : tones[tone];
    if (code !== last) text += `${last === "" ? "" : "\u001b[0m"}${code === "" ? "" : `\u001b[${code}m`}`;
    last = code;
    text += piece;
  }
  const whole = last === "" ? text : `${text}\u001b[0m`;
  return row.beside === undefined ? whole : whole + paint({ segs: row.beside, look: "normal" }, { theme });
}

/** In reverse video the spaces around a coloured word would be blocks of its colour. */
function withoutTonedSpaces([piece, tone]: Seg): readonly Seg[] {
  const word = piece.trim();
  const before = piece.length - piece.trimStart().length;
  return [
    [piece.slice(0, before), "plain"],
    [word, tone],
    [piece.slice(before + word.length), "plain"],
  ];
}

/** Reverse video keeps the colour that tells a state; dim would make it unreadable. */
function selected(code: string): string {
  return code === "" || code === "2" ? "7" : `${code};7`;
}
