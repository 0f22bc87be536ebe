import type { Blob } from "../jigs/resolved.ts";
import type { StepSource } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";
import { blobOf } from "./canonical.ts";
import { type Condition, parseCondition } from "./condition.ts";
import { compile, type Compiled } from "./render.ts";
import type { StepOutcome } from "./resolve-step.ts";

/** Parsed templates, conditions and file contents, each made once for all nodes. */
export class StepTemplates {
  readonly #args = new Map<StepSource, Compiled>();
  readonly #texts = new Map<string, Compiled>();
  readonly #lists = new Map<string, Compiled>();
  readonly #conditions = new Map<string, Condition>();
  readonly #blobs = new Map<Uint8Array, Blob>();
  readonly #decoded = new Map<Uint8Array, string>();
  readonly #shared = new Map<StepSource, StepOutcome>();

  /** The arguments of a step. */
  args(source: StepSource): Compiled {
    return memo(this.#args, source, () => compile(source.args));
  }

  /** The list that `each` asks for; a list written out is taken as it is. */
  each(source: StepSource): Compiled {
    const text = source.common.each ?? "";
    return memo(this.#lists, text, () => compile(writtenList(text) ?? text));
  }

  /** The step's id, which may hold templates. */
  id(source: StepSource): Compiled {
    return this.#text(source.id);
  }

  /** What stands behind the kind in the step's id, where that is one expression and so may be a list. */
  subject(source: StepSource): Compiled | undefined {
    const expression = /^[a-z-]+:(\{\{[^{}]*\}\})$/u.exec(source.id)?.[1];
    return expression === undefined ? undefined : this.#text(expression);
  }

  /** A template file, or words of a check. */
  file(text: string): Compiled {
    return this.#text(text);
  }

  /** A `when` expression. */
  condition(expression: string): Condition {
    return memo(this.#conditions, expression, () => parseCondition(expression));
  }

  /** A file of the barclamp as it is. */
  blob(bytes: Uint8Array): Blob {
    return memo(this.#blobs, bytes, () => blobOf(bytes));
  }

  /** A template file's text; bytes that are not UTF-8 become U+FFFD (loading refuses them). */
  text(bytes: Uint8Array): string {
    return memo(this.#decoded, bytes, () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  }

  /** The step as every node-role has it that has it at all, once one has been made. */
  shared(source: StepSource): StepOutcome | undefined {
    return this.#shared.get(source);
  }

  /** Keeps a step that depends on nothing but its source. */
  share(outcome: StepOutcome): void {
    this.#shared.set(outcome.source, outcome);
  }

  #text(text: string): Compiled {
    return memo(this.#texts, text, () => compile(text as Json));
  }
}

/** Loading keeps a list that was written out as JSON; its elements may hold templates. */
function writtenList(text: string): Json | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}
