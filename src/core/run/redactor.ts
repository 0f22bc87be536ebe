import type { Secret } from "../ports.ts";
import { SHORTEST_REDACTED } from "./secret-forms.ts";
import { type Patterns, patternsOf } from "./secret-patterns.ts";

/** A secret by name, as the redactor needs it. */
export interface NamedSecret {
  readonly name: string;
  readonly value: Secret;
}

/** Takes secrets out of a stream of bytes and out of texts. */
export interface Redactor {
  /** Takes the next bytes of the stream and returns those that are now known to be clean. Bytes that may begin a secret are held back. */
  push(chunk: Uint8Array): Uint8Array;
  /**
   * Bytes are missing in the stream here: what came before may end with the beginning of a secret, and what comes after may begin with the end of one.
   * Returns the bytes that were held back, without such a beginning.
   */
  cut(): Uint8Array;
  /** The rest of the stream. The redactor is then ready for another stream. */
  end(): Uint8Array;
  /** A whole text, apart from the stream. */
  redactText(text: string): string;
}

/**
 * Makes a redactor that replaces every form of every secret (see `secretForms`) by `[secret NAME]`, wherever the stream is cut. Where secrets
 * overlap, all of the overlap goes. Forms of at least 8 bytes are also found when they are wrapped over lines, indented or not. Values of fewer than
 * 4 bytes are not redacted: they would match everywhere. Not found either: values that a program has cut, reversed, hashed or compressed.
 */
export function createRedactor(secrets: readonly NamedSecret[]): Redactor {
  const patterns = patternsOf(secrets);
  const stream = new Scanner(patterns);
  return {
    push: (chunk) => stream.push(chunk),
    cut: () => stream.cut(),
    end: () => stream.end(),
    redactText(text) {
      if (patterns.isEmpty) return text;
      const scanner = new Scanner(patterns);
      const bytes = new TextEncoder().encode(text);
      return new TextDecoder().decode(join([scanner.push(bytes), scanner.end()]));
    },
  };
}

const none = new Uint8Array(0);

/** One stream's state: the bytes held back, and the redacted region that may still grow. */
class Scanner {
  readonly #patterns: Patterns;
  #held: Uint8Array = none;
  /** Where the open region ends, in `#held`; its marker is written when it is complete. */
  #region: { end: number; readonly marker: Uint8Array } | undefined;

  /** Bytes are missing right before what is held. */
  #afterCut = false;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : join([this.#held, chunk]);
    return this.#afterCut ? this.#resume(bytes, false) : this.#scan(bytes, false);
  }

  end(): Uint8Array {
    return this.#afterCut ? this.#resume(this.#held, true) : this.#scan(this.#held, true);
  }

  cut(): Uint8Array {
    const cutOff =
      this.#region?.marker ?? (this.#held.length < SHORTEST_REDACTED ? this.#held : new TextEncoder().encode("[secret, cut off]"));
    const before = this.#afterCut ? this.#resume(this.#held, true) : cutOff;
    this.#held = none;
    this.#region = undefined;
    this.#afterCut = true;
    return before;
  }

  /** Takes the end of a secret off the first bytes after a cut, once there are enough of them. */
  #resume(bytes: Uint8Array, final: boolean): Uint8Array {
    if (!final && bytes.length < 2 * this.#patterns.longest) {
      this.#held = bytes;
      return none;
    }
    this.#afterCut = false;
    const ending = this.#patterns.endingAt(bytes);
    if (ending === undefined) return this.#scan(bytes, final);
    return join([ending.marker, this.#scan(bytes.subarray(ending.length), final)]);
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
        this.#region = { end: place + found.length, marker: found.marker };
      } else {
        this.#region.end = Math.max(this.#region.end, place + found.length);
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
