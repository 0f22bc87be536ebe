/** What a tokenizer must know of an option: whether it takes a value, and its letter. */
export interface TokenOption {
  readonly type: "boolean" | "string";
  readonly short?: string;
}

/** Options by long name, without dashes. Where two have the same letter the first one has it. */
export type TokenOptions = ReadonlyMap<string, TokenOption>;

/** An option as it was typed. */
export interface OptionToken {
  readonly kind: "option";
  /** `--no-x` arrives as `x`; an unknown letter as the letter. */
  readonly name: string;
  readonly rawName: string;
  readonly index: number;
  readonly value: string | undefined;
  /** True for `--x=value` and `-xvalue`; `undefined` without a value. */
  readonly inlineValue: boolean | undefined;
}

/** A part of a command line. `index` counts the words that were typed. */
export type Token =
  | OptionToken
  | { readonly kind: "positional"; readonly index: number; readonly value: string }
  | { readonly kind: "option-terminator"; readonly index: number };

/**
 * Splits a command line into options and words, as POSIX and GNU do. Nothing is refused here: a person shall see all faults of a line.
 * The same tokens as those of `util.parseArgs` with `strict: false` and `allowNegative`, which only the outermost layer may use. Pure.
 */
export function tokensOf(argv: readonly string[], options: TokenOptions): readonly Token[] {
  const tokens: Token[] = [];
  const letters = new Map<string, string>();
  for (const [name, { short }] of options) if (short !== undefined && !letters.has(short)) letters.set(short, name);
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") {
      tokens.push({ kind: "option-terminator", index });
      for (let rest = index + 1; rest < argv.length; rest += 1) tokens.push({ kind: "positional", index: rest, value: argv[rest] ?? "" });
      break;
    }
    if (!word.startsWith("-") || word.length < 2) {
      tokens.push({ kind: "positional", index, value: word });
      continue;
    }
    const found = word.startsWith("--") ? [longOption(word)] : letterOptions(word, letters, options);
    const last = found.at(-1);
    const takesNext = last !== undefined && last.value === undefined && options.get(last.name)?.type === "string";
    const next = takesNext ? argv[index + 1] : undefined;
    for (const each of found) {
      const value = each === last && next !== undefined ? { value: next, inlineValue: false } : {};
      tokens.push(negated({ kind: "option", index, rawName: each.rawName, name: each.name, ...valued(each.value), ...value }));
    }
    if (next !== undefined) index += 1;
  }
  return tokens;
}

interface Found {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string;
}

function valued(value: string | undefined): Pick<OptionToken, "value" | "inlineValue"> {
  return value === undefined ? { value: undefined, inlineValue: undefined } : { value, inlineValue: true };
}

function longOption(word: string): Found {
  // As the library does: a name has a value where a `=` stands behind its first letter, and ends at the first one.
  if (!word.includes("=", 3)) return { name: word.slice(2), rawName: word };
  const equals = word.indexOf("=");
  return { name: word.slice(2, equals), rawName: word.slice(0, equals), value: word.slice(equals + 1) };
}

/** `-x`, `-xyz`, `-xVALUE`, `-xyVALUE`. */
function letterOptions(word: string, letters: ReadonlyMap<string, string>, options: TokenOptions): readonly Found[] {
  const found: Found[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const name = letters.get(letter) ?? letter;
    const takesValue = options.get(name)?.type === "string" && at < word.length - 1;
    found.push({ name, rawName: `-${letter}`, ...(takesValue ? { value: word.slice(at + 1) } : {}) });
    if (takesValue) break;
  }
  return found;
}

/** `--no-x` without a value turns `x` off. */
function negated(token: OptionToken): OptionToken {
  return token.name.startsWith("no-") && token.value === undefined ? { ...token, name: token.name.slice(3) } : token;
}
