import type { Secret } from "../ports.ts";

const REDACTED = "[redacted]";

/**
 * A secret value that does not show itself: string conversion, JSON, `console.log` and copying all give "[redacted]" or nothing.
 * Only `reveal()` gives the value; call it where the value is delivered, and nowhere else.
 */
export class SecretValue implements Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
