import type { Selector } from "./cluster.ts";
import { expandRanges } from "./range.ts";

/** What a selector looks at. */
export interface Selectable {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Outcome of parsing; `offset` is the character at which it went wrong. */
export type ParsedSelector =
  | { readonly ok: true; readonly selector: Selector }
  | { readonly ok: false; readonly message: string; readonly offset: number };

interface Token {
  readonly text: string;
  readonly offset: number;
}

const maxDepth = 50;
const maxLength = 10_000;

/**
 * Parses `all`, `*`, `label=value`, `label!=value`, `label` (has the label, or is the node of that name), `name=ctl-*`, `ctl-[1-3]`, `!`, `&`, `|`
 * and parentheses; `&` binds stronger than `|`.
 */
export function parseSelector(text: string): ParsedSelector {
  if (text.length > maxLength) return { ok: false, message: `the selector is longer than ${maxLength} characters`, offset: 0 };
  return new Parser(text).parse();
}

/** True when the node is selected. */
export function matchSelector(selector: Selector, node: Selectable): boolean {
  switch (selector.op) {
    case "all":
      return true;
    case "eq":
      return label(node, selector.label) === selector.value;
    case "ne":
      return label(node, selector.label) !== selector.value;
    case "has":
      return label(node, selector.label) !== undefined || node.name === selector.label;
    case "name":
      return wildcard(selector.pattern, node.name);
    case "and":
      return selector.of.every((part) => matchSelector(part, node));
    case "or":
      return selector.of.some((part) => matchSelector(part, node));
    case "not":
      return !matchSelector(selector.of, node);
    default:
      return selector satisfies never;
  }
}

function label(node: Selectable, name: string): string | undefined {
  return Object.hasOwn(node.labels, name) ? node.labels[name] : undefined;
}

/** `*` stands for any number of characters. Linear: greedy with one point to fall back to. */
function wildcard(pattern: string, name: string): boolean {
  let [at, star, resume] = [0, -1, 0];
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === "*") {
      star = at;
      at += 1;
      resume = index;
    } else if (pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** Why a text is no selector. */
interface SelectorFault {
  readonly message: string;
  readonly offset: number;
}

/** Recursive descent; depth is bounded. */
class Parser {
  readonly #text: string;
  #tokens: readonly Token[] = [];
  #next = 0;
  #depth = 0;
  #fault: SelectorFault | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedSelector {
    this.#tokens = this.#read();
    const selector = this.#fault === undefined ? this.#or() : undefined;
    if (this.#fault === undefined && this.#peek() !== undefined) this.#stop(`\`${this.#peek()?.text}\` is not expected here`);
    if (this.#fault !== undefined) return { ok: false, ...this.#fault };
    return { ok: true, selector: selector ?? { op: "all" } };
  }

  #read(): readonly Token[] {
    const tokens: Token[] = [];
    const pattern = /\s+|!=|==|[&|!()=]|(?:[A-Za-z0-9_./*:-]|\[[^\]]*\])+/uy;
    while (pattern.lastIndex < this.#text.length) {
      const offset = pattern.lastIndex;
      const found = pattern.exec(this.#text)?.[0];
      if (found === undefined) {
        this.#fault = { message: `\`${String.fromCodePoint(this.#text.codePointAt(offset) ?? 32)}\` is not part of a selector`, offset };
        return [];
      }
      if (found.trim() !== "") tokens.push({ text: found, offset });
    }
    return tokens;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(text: string): boolean {
    if (this.#peek()?.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #stop(message: string): Selector {
    this.#fault ??= { message: message, offset: this.#peek()?.offset ?? this.#text.length };
    this.#next = this.#tokens.length;
    return { op: "all" };
  }

  #or(): Selector {
    return this.#joined("or", "|", () => this.#joined("and", "&", () => this.#not()));
  }

  #joined(op: "and" | "or", sign: string, part: () => Selector): Selector {
    const first = part();
    const of = [first];
    while (this.#take(sign)) of.push(part());
    return of.length === 1 ? first : { op, of };
  }

  #not(): Selector {
    this.#depth += 1;
    if (this.#depth > maxDepth) return this.#stop(`more than ${maxDepth} levels of \`!\` and parentheses`);
    const selector = this.#take("!") ? ({ op: "not", of: this.#not() } as const) : this.#atom();
    this.#depth -= 1;
    return selector;
  }

  #atom(): Selector {
    if (this.#take("(")) {
      const inner = this.#or();
      if (!this.#take(")")) return this.#stop("a closing `)` is missing here");
      return inner;
    }
    const token = this.#peek();
    if (token === undefined) return this.#stop("a condition is missing here, such as `tier=control`");
    if (!isWord(token.text)) return this.#stop(`a condition is missing before \`${token.text}\``);
    this.#next += 1;
    const sign = this.#peek()?.text;
    if (sign === "=" || sign === "!=") return this.#comparison(token, sign);
    if (sign === "==") return this.#stop("write `=`, not `==`");
    if (token.text === "all" || token.text === "*") return { op: "all" };
    return /[*[]/u.test(token.text) ? this.#name(token) : { op: "has", label: token.text };
  }

  #comparison(left: Token, sign: "=" | "!="): Selector {
    this.#next += 1;
    const value = this.#peek();
    if (value === undefined || !isWord(value.text)) return this.#stop(`a value is missing after \`${left.text}${sign}\``);
    if (left.text === "name") {
      this.#next += 1;
      const name = this.#name(value);
      return sign === "=" ? name : { op: "not", of: name };
    }
    if (/[*[:]/u.test(left.text)) return this.#stop(`\`${left.text}\` is not the name of a label`);
    if (/[*[]/u.test(value.text)) return this.#stop("patterns and ranges are for names only: `name=ctl-*`");
    this.#next += 1;
    return sign === "=" ? { op: "eq", label: left.text, value: value.text } : { op: "ne", label: left.text, value: value.text };
  }

  #name(token: Token): Selector {
    const expanded = expandRanges(token.text);
    if (!expanded.ok) {
      this.#fault ??= { message: `\`${token.text}\` ${expanded.message}`, offset: token.offset + expanded.offset };
      return this.#stop("");
    }
    const of = expanded.values.map((pattern) => ({ op: "name", pattern }) as const);
    return of.length === 1 && of[0] !== undefined ? of[0] : { op: "or", of };
  }
}

function isWord(text: string): boolean {
  return /^[A-Za-z0-9_./*:[-]/u.test(text);
}
