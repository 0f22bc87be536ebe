import type { NamedSecret } from "./redactor.ts";
import { SHORTEST_REDACTED, secretForms } from "./secret-forms.ts";

/** Forms are made once for each list: every step of a run makes a redactor of the same one. */
const made = new WeakMap<readonly NamedSecret[], Patterns>();

/** The forms of these secrets, ready to be looked for. */
export function patternsOf(secrets: readonly NamedSecret[]): Patterns {
  let patterns = made.get(secrets);
  if (patterns === undefined) {
    patterns = new Patterns(secrets);
    made.set(secrets, patterns);
  }
  return patterns;
}

interface Pattern {
  readonly bytes: Uint8Array;
  readonly marker: Uint8Array;
}

const FILTER_BITS = 16;
/** Shorter forms are not looked for across line breaks. */
const SHORTEST_FOLDED = 8;
/** So many bytes of line break and indentation may stand at one place inside of a secret. */
const LONGEST_BREAK = 128;
const [LF, CR, SPACE, TAB] = [10, 13, 32, 9];

/** All forms of all secrets, found by their first four bytes. */
export class Patterns {
  /** Says "surely not" for most positions: one bit per hash of four bytes. */
  readonly #filter = new Uint8Array((1 << FILTER_BITS) / 8);
  /** By the first four bytes, longest first. */
  readonly #byHead = new Map<number, Pattern[]>();
  /** By the first four bytes that are no blanks, as latin1 text: for places where a line ends within the first four bytes. */
  readonly #byBareHead = new Map<string, Pattern[]>();
  /** The first one, two and three bytes of all patterns, as latin1 text; without blanks too. */
  readonly #beginnings = new Set<string>();

  constructor(secrets: readonly NamedSecret[]) {
    const seen = new Set<string>();
    for (const { name, value } of secrets) {
      const marker = new TextEncoder().encode(`[secret ${name}]`);
      for (const bytes of secretForms(value.reveal())) {
        const text = latin1(bytes);
        if (seen.has(text)) continue;
        seen.add(text);
        this.#add({ bytes, marker }, text);
      }
    }
    for (const list of this.#byHead.values()) list.sort(byLength);
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#byHead.size === 0;
  }

  #add(pattern: Pattern, text: string): void {
    const head = headAt(pattern.bytes, 0);
    const bit = hash(head);
    this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    addTo(this.#byHead, head, pattern);
    const bare = bareHead(pattern.bytes, 0).text;
    if (pattern.bytes.length >= SHORTEST_FOLDED && bare !== "") addTo(this.#byBareHead, bare, pattern);
    for (const length of [1, 2, 3]) for (const beginning of [text, bare]) this.#beginnings.add(beginning.slice(0, length));
  }

  /**
   * The longest pattern at this place and how many bytes it takes there, with line breaks; "more" if only further bytes can tell, which is never
   * the answer when `final`.
   */
  at(bytes: Uint8Array, start: number, final: boolean): Found | "more" | undefined {
    const first = bytes[start];
    const folded = !isBreak(first) && !isBlank(first) && nearBreak(bytes, start);
    const left = bytes.length - start;
    if (!folded) {
      if (left < SHORTEST_REDACTED) return !final && this.#beginsAt(bytes, start) ? "more" : undefined;
      const list = this.#candidates(headAt(bytes, start));
      return list === undefined ? undefined : longest(list, bytes, start, final);
    }
    const bare = bareHead(bytes, start);
    const undecided =
      !final && ((bare.open && this.#beginnings.has(bare.text)) || (left < SHORTEST_REDACTED && this.#beginsAt(bytes, start)));
    if (undecided) return "more";
    const lists = [
      ...(left < SHORTEST_REDACTED ? [] : (this.#candidates(headAt(bytes, start)) ?? [])),
      ...(this.#byBareHead.get(bare.text) ?? []),
    ];
    return lists.length === 0 ? undefined : longest(lists.toSorted(byLength), bytes, start, final);
  }

  /** True when the bytes end here with what a pattern begins with. */
  #beginsAt(bytes: Uint8Array, start: number): boolean {
    return this.#beginnings.has(latin1(bytes.subarray(start)));
  }

  /** Length of the longest pattern, in bytes. */
  get longest(): number {
    let longest = 0;
    for (const list of this.#byHead.values()) longest = Math.max(longest, list[0]?.bytes.length ?? 0);
    return longest;
  }

  /** The longest end of a pattern with which the bytes begin. */
  endingAt(bytes: Uint8Array): Found | undefined {
    let best: Found | undefined;
    for (const { bytes: pattern, marker } of [...this.#byHead.values()].flat()) {
      for (let from = 1; from <= pattern.length - SHORTEST_REDACTED; from++) {
        if (pattern[from] !== bytes[0]) continue;
        const length = lengthOf(pattern.subarray(from), bytes, 0);
        if (typeof length === "number" && length > (best?.length ?? 0)) best = { marker, length };
      }
    }
    return best;
  }

  #candidates(head: number): readonly Pattern[] | undefined {
    const bit = hash(head);
    return ((this.#filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0 ? undefined : this.#byHead.get(head);
  }
}

/** A pattern and the bytes that it takes. */
export interface Found {
  readonly marker: Uint8Array;
  readonly length: number;
}

function byLength(a: Pattern, b: Pattern): number {
  return b.bytes.length - a.bytes.length;
}

function longest(patterns: readonly Pattern[], bytes: Uint8Array, start: number, final: boolean): Found | "more" | undefined {
  for (const pattern of patterns) {
    const length = lengthOf(pattern.bytes, bytes, start);
    if (length === undefined || (length === "more" && final)) continue;
    return length === "more" ? "more" : { marker: pattern.marker, length };
  }
  return undefined;
}

/** How many bytes a pattern takes at `start`; "more" when the bytes end before it does. */
function lengthOf(pattern: Uint8Array, bytes: Uint8Array, start: number): number | "more" | undefined {
  const folds = pattern.length >= SHORTEST_FOLDED;
  let at = start;
  let skipped = 0;
  let lineStart = false;
  for (let index = 0; index < pattern.length; ) {
    if (at >= bytes.length) return "more";
    const byte = bytes[at];
    if (byte === pattern[index]) {
      index += 1;
      skipped = 0;
      lineStart = isBreak(byte) || (lineStart && isBlank(byte));
    } else if (folds && index > 0 && skipped < LONGEST_BREAK && (isBreak(byte) || (lineStart && isBlank(byte)))) {
      skipped += 1;
      lineStart = true;
    } else {
      return undefined;
    }
    at += 1;
  }
  return at - start;
}

/** The first four bytes from `start` on that are no blanks, as latin1 text. `open`: there would be more if the bytes went on. Empty text where only blanks follow each other. */
function bareHead(bytes: Uint8Array, start: number): { readonly text: string; readonly open: boolean } {
  let text = "";
  let skipped = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isBreak(byte) || isBlank(byte)) {
      skipped += 1;
      if (skipped > LONGEST_BREAK) return { text: "", open: false };
      continue;
    }
    skipped = 0;
    text += String.fromCharCode(byte);
    if (text.length === SHORTEST_REDACTED) return { text, open: false };
  }
  return { text, open: true };
}

function addTo<Key>(map: Map<Key, Pattern[]>, key: Key, pattern: Pattern): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [pattern]);
  else list.push(pattern);
}

function isBreak(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

/** True when a line ends within the next three bytes. */
function nearBreak(bytes: Uint8Array, start: number): boolean {
  return isBreak(bytes[start + 1]) || isBreak(bytes[start + 2]) || isBreak(bytes[start + 3]);
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function headAt(bytes: Uint8Array, start: number): number {
  return ((bytes[start] ?? 0) << 24) | ((bytes[start + 1] ?? 0) << 16) | ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0);
}

/** Multiplicative hashing with the golden ratio (Knuth, TAOCP volume 3, 6.4). */
function hash(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> (32 - FILTER_BITS);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
