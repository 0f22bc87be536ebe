const asciiOnly = /^[\u0020-\u007e]*$/u;

/** What only texts beyond ASCII need: compiling it takes a good part of the time of a short command. */
const beyondAscii = once(() => ({
  wide: /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Yi}|\p{Script=Bopomofo}|[\u3000-\u303e\u30fc\uff01-\uff60\uffe0-\uffe6])/u,
  halfWidth: /^[\uff61-\uffdc]/u,
  zero: /^(?:\p{Mark}|\p{Cf}|\ufe0f)+$/u,
  graphemes: new Intl.Segmenter("en", { granularity: "grapheme" }),
}));

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Columns that a text takes in a terminal; the text holds no control characters. */
export function textWidth(text: string): number {
  if (asciiOnly.test(text)) return text.length;
  let width = 0;
  for (const { segment } of beyondAscii().graphemes.segment(text)) width += segmentWidth(segment);
  return width;
}

function segmentWidth(segment: string): number {
  const { zero, halfWidth, wide } = beyondAscii();
  if (zero.test(segment)) return 0;
  if (halfWidth.test(segment)) return 1;
  return wide.test(segment) || segment.includes("\ufe0f") ? 2 : 1;
}

/** The text, at most `width` columns wide; what is cut is told by `mark`. */
export function cutToWidth(text: string, width: number, mark = "…"): string {
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(mark);
  let [kept, used] = ["", 0];
  for (const { segment } of beyondAscii().graphemes.segment(text)) {
    const next = used + segmentWidth(segment);
    if (next > room) break;
    kept += segment;
    used = next;
  }
  return room < 0 ? "" : kept + mark;
}

/** The text filled up with spaces to `width` columns. */
export function padToWidth(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
