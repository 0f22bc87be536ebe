/** Most names that one range expression may stand for. */
export const maxExpansion = 10_000;

/** What a text with ranges such as `cmp-[01-20]` stands for, or why it cannot be read. `offset` counts characters from the start. */
export type Expansion =
  | {
      readonly ok: true;
      readonly values: readonly string[] /** Elements of each range, in order; empty = no range. */;
      readonly lengths: readonly number[];
    }
  | { readonly ok: false; readonly message: string; readonly offset: number };

type Piece = { readonly literal: string } | { readonly elements: readonly string[] };

/**
 * Expands ranges: `[1-3]`, `[01-20]` (padded to two digits), `[a-c]`, `[1-3,7]`. With several ranges every combination is made, the last
 * range counting fastest.
 */
export function expandRanges(text: string): Expansion {
  const pieces = splitRanges(text);
  if ("message" in pieces) return { ok: false, ...pieces };
  const lengths = pieces.flatMap((piece) => ("elements" in piece ? [piece.elements.length] : []));
  const total = lengths.reduce((product, length) => product * length, 1);
  if (total > maxExpansion) return { ok: false, message: `stands for ${total} names; at most ${maxExpansion} are allowed`, offset: 0 };
  let values: readonly string[] = [""];
  for (const piece of pieces) {
    const next = "literal" in piece ? [piece.literal] : piece.elements;
    values = values.flatMap((start) => next.map((end) => start + end));
  }
  return { ok: true, values, lengths };
}

/**
 * Expands a value beside a name with ranges of the given lengths, one value per name: without a range the same everywhere; with as many
 * ranges as the name has, range by range; with one range, element by element.
 */
export function expandBeside(text: string, nameLengths: readonly number[]): Expansion {
  const own = expandRanges(text);
  if (!own.ok) return own;
  const total = nameLengths.reduce((product, length) => product * length, 1);
  if (own.lengths.length === 0) return { ...own, values: Array.from({ length: total }, () => text) };
  const sameShape = own.lengths.length === nameLengths.length && own.lengths.every((length, index) => length === nameLengths[index]);
  if (sameShape || (own.lengths.length === 1 && own.values.length === total)) return own;
  const message =
    nameLengths.length === 0
      ? `has a range of ${own.values.length}, but the node's name has none`
      : `has a range of ${own.lengths.join(" x ")}, but the node's name has one of ${nameLengths.join(" x ")}`;
  return { ok: false, message, offset: Math.max(0, text.indexOf("[")) };
}

function splitRanges(text: string): readonly Piece[] | { readonly message: string; readonly offset: number } {
  const pieces: Piece[] = [];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf("[", position);
    const end = open === -1 ? text.length : open;
    const stray = text.slice(position, end).indexOf("]");
    if (stray !== -1) return { message: "has a `]` without a `[` before it", offset: position + stray };
    if (end > position) pieces.push({ literal: text.slice(position, end) });
    if (open === -1) break;
    const close = text.indexOf("]", open);
    if (close === -1) return { message: "has a `[` that is never closed", offset: open };
    const elements = rangeElements(text.slice(open + 1, close));
    if (typeof elements === "string") return { message: elements, offset: open };
    pieces.push({ elements });
    position = close + 1;
  }
  return pieces;
}

/** The elements of what stands between brackets, or why there are none. */
function rangeElements(inside: string): readonly string[] | string {
  const elements: string[] = [];
  for (const part of inside.split(",")) {
    const more = oneRange(part.trim());
    if (typeof more === "string") return more;
    elements.push(...more);
    if (elements.length > maxExpansion) return `a range may have at most ${maxExpansion} elements`;
  }
  return elements;
}

function oneRange(part: string): readonly string[] | string {
  if (/^(\d{1,9}|[a-z])$/u.test(part)) return [part];
  const letters = /^([a-z])-([a-z])$/u.exec(part);
  if (letters !== null) return letterRange(letters[1] ?? "", letters[2] ?? "", part);
  const digits = /^(\d{1,9})-(\d{1,9})$/u.exec(part);
  if (digits === null) return `\`[${part}]\` is not a range; write one such as [1-3], [01-20], [a-c] or [1-3,7]`;
  const [first = "", last = ""] = [digits[1], digits[2]];
  const width = first.startsWith("0") && first.length > 1 ? first.length : 1;
  if (last.startsWith("0") && last.length > 1 && last.length !== first.length) return `the ends of \`[${part}]\` are padded differently`;
  const count = Number(last) - Number(first) + 1;
  if (count < 1) return `\`[${part}]\` counts down; write the smaller end first`;
  if (count > maxExpansion) return `\`[${part}]\` has ${count} elements; at most ${maxExpansion} are allowed`;
  return Array.from({ length: count }, (_, index) => String(Number(first) + index).padStart(width, "0"));
}

function letterRange(first: string, last: string, part: string): readonly string[] | string {
  const [start, end] = [first.charCodeAt(0), last.charCodeAt(0)];
  if (end < start) return `\`[${part}]\` counts down; write the smaller end first`;
  return Array.from({ length: end - start + 1 }, (_, index) => String.fromCharCode(start + index));
}
