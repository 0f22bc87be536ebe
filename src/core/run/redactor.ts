import type { Secret } from "../ports.ts";
import { SHORTEST_REDACTED, secretForms } from "./secret-forms.ts";

/** A secret by name, as the redactor needs it. */
export interface NamedSecret {
  readonly name: string;
  readonly value: Secret;
}

/** Takes secrets out of a stream of bytes and out of texts. */
export interface Redactor {
  /** Takes the next bytes of the stream and returns those that are now known to be clean. Bytes that may begin a secret are held back. */
  push(chunk: Uint8Array): Uint8Array;
  /** The rest of the stream. The redactor is then ready for another stream. */
  end(): Uint8Array;
  /** A whole text, apart from the stream. */
  redactText(text: string): string;
}

/**
 * Makes a redactor that replaces every form of every secret (see `secretForms`) by `[secret NAME]`, wherever the stream is cut. Where secrets
 * overlap, all of the overlap goes. Values of fewer than 4 bytes are not redacted: they would match everywhere. Not found either: values
 * that a program has cut, reversed, hashed, compressed, or wrapped in lines after encoding them.
 */
export function createRedactor(secrets: readonly NamedSecret[]): Redactor {
  const patterns = new Patterns(secrets);
  const stream = new Scanner(patterns);
  return {
    push: (chunk) => stream.push(chunk),
    end: () => stream.end(),
    redactText(text) {
      if (patterns.isEmpty) return text;
      const scanner = new Scanner(patterns);
      const bytes = new TextEncoder().encode(text);
      return new TextDecoder().decode(join([scanner.push(bytes), scanner.end()]));
    },
  };
}

interface Pattern {
  readonly bytes: Uint8Array;
  readonly marker: Uint8Array;
}

const FILTER_BITS = 16;
const none = new Uint8Array(0);

/** All forms of all secrets, found by their first four bytes. */
class Patterns {
  /** Says "surely not" for most positions: one bit per hash of four bytes. */
  readonly #filter = new Uint8Array((1 << FILTER_BITS) / 8);
  /** By the first four bytes, longest first. */
  readonly #byHead = new Map<number, Pattern[]>();
  /** The first one, two and three bytes of all patterns, as latin1 text. */
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
    for (const list of this.#byHead.values()) list.sort((a, b) => b.bytes.length - a.bytes.length);
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#byHead.size === 0;
  }

  #add(pattern: Pattern, text: string): void {
    const head = headAt(pattern.bytes, 0);
    const bit = hash(head);
    this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    const list = this.#byHead.get(head);
    if (list === undefined) this.#byHead.set(head, [pattern]);
    else list.push(pattern);
    for (const length of [1, 2, 3]) this.#beginnings.add(text.slice(0, length));
  }

  /** The longest pattern at this place; "more" if only further bytes can tell, which is never the answer when `final`. */
  at(bytes: Uint8Array, start: number, final: boolean): Pattern | "more" | undefined {
    const left = bytes.length - start;
    if (left < SHORTEST_REDACTED) return !final && this.#beginnings.has(latin1(bytes.subarray(start))) ? "more" : undefined;
    const head = headAt(bytes, start);
    const bit = hash(head);
    if (((this.#filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return undefined;
    for (const pattern of this.#byHead.get(head) ?? []) {
      if (pattern.bytes.length > left && final) continue;
      if (!agrees(bytes, start, pattern.bytes)) continue;
      return pattern.bytes.length > left ? "more" : pattern;
    }
    return undefined;
  }
}

/** One stream's state: the bytes held back, and the redacted region that may still grow. */
class Scanner {
  readonly #patterns: Patterns;
  #held: Uint8Array = none;
  /** Where the open region ends, in `#held`; its marker is written when it is complete. */
  #region: { end: number; readonly marker: Uint8Array } | undefined;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#scan(this.#held.length === 0 ? chunk : join([this.#held, chunk]), false);
  }

  end(): Uint8Array {
    return this.#scan(this.#held, true);
  }

  #scan(bytes: Uint8Array, final: boolean): Uint8Array {
    const out: Uint8Array[] = [];
    let cleanFrom = 0;
    let place = 0;
    for (; place < bytes.length; place++) {
      if (this.#region !== undefined && place >= this.#region.end) cleanFrom = this.#closeRegion(out);
      const found = this.#patterns.at(bytes, place, final);
      if (found === undefined) continue;
      if (found === "more") break;
      if (this.#region === undefined) {
        out.push(bytes.subarray(cleanFrom, place));
        this.#region = { end: place + found.bytes.length, marker: found.marker };
      } else {
        this.#region.end = Math.max(this.#region.end, place + found.bytes.length);
      }
    }
    if (this.#region !== undefined && place >= this.#region.end) cleanFrom = this.#closeRegion(out);
    if (this.#region === undefined) out.push(bytes.subarray(cleanFrom, place));
    else this.#region.end -= place;
    this.#held = bytes.slice(place);
    return join(out);
  }

  #closeRegion(out: Uint8Array[]): number {
    if (this.#region === undefined) return 0;
    const { end, marker } = this.#region;
    out.push(marker);
    this.#region = undefined;
    return end;
  }
}

/** True when `pattern` stands at `start`, as far as there are bytes. */
function agrees(bytes: Uint8Array, start: number, pattern: Uint8Array): boolean {
  const length = Math.min(pattern.length, bytes.length - start);
  for (let index = 0; index < length; index++) {
    if (bytes[start + index] !== pattern[index]) return false;
  }
  return true;
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

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
