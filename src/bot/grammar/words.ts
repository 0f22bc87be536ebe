/** A line of chat, split. */
export interface Split {
  readonly words: readonly string[];
  /** True when a quote was opened and not closed: the rest of the line was taken for quoted. */
  readonly open: boolean;
}

const doubles = '"“”„‟″';
const singles = "'‘’‚‛′";

/**
 * Splits a line of chat into words as a shell would, as far as chat lets people type: quotes of every shape are quotes, dashes that a phone
 * made of `--` are `--` again, any kind of space separates, and an apostrophe inside of a word is one. A backslash counts only before a quote,
 * a space or a backslash. Backticks around words are ignored: people copy commands with them. Within quotes everything stays as it is. Pure; never throws.
 */
export function splitChat(text: string): Split {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "" | "double" | "single" = "";
  const add = (piece: string): void => {
    word = (word ?? "") + piece;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (quote === "double") {
      if (doubles.includes(char)) quote = "";
      else if (char === "\\" && next !== "" && `${doubles}\\`.includes(next)) add(text.charAt((at += 1)));
      else add(char);
    } else if (quote === "single") {
      if (singles.includes(char) && (next === "" || isSpace(next))) quote = "";
      else add(char);
    } else if (isSpace(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (doubles.includes(char)) {
      quote = "double";
      add("");
    } else if (singles.includes(char)) {
      if (word !== undefined && !word.endsWith("=")) add("'");
      else {
        quote = "single";
        add("");
      }
    } else if (char === "\\" && next !== "" && (isSpace(next) || `${doubles}${singles}\\\``.includes(next))) add(text.charAt((at += 1)));
    else if (char === "`") continue;
    else if (word === undefined && isDash(char)) {
      const run = /^[-‐-―−]+/u.exec(text.slice(at))?.[0] ?? char;
      add(dashes(run, text.slice(at + run.length)));
      at += run.length - 1;
    } else add(/[‐‑−]/u.test(char) ? "-" : char);
  }
  if (word !== undefined) words.push(word);
  return { words, open: quote !== "" };
}

/** The dashes at a word's beginning as they were typed before a phone or an office program made them pretty. */
function dashes(run: string, behind: string): string {
  if (/^-+$/u.test(run)) return run;
  // `–f`: one letter, one dash
  return /^[\p{L}\p{N}](\s|$)/u.test(behind) || /^[‐‑−]$/u.test(run) ? "-" : "--";
}

function isDash(char: string): boolean {
  return /[-‐-―−]/u.test(char);
}

function isSpace(char: string): boolean {
  return /\s/u.test(char);
}

/** A word as `splitChat` takes it literally. */
function quoteChat(word: string): string {
  if (/^[\w@%+=:,./*<>#-]+$/u.test(word)) return word;
  return `"${word.replaceAll(new RegExp(`[${doubles}\\\\]`, "gu"), "\\$&")}"`;
}

/** Words as one would type them in chat. */
export function joinChat(words: readonly string[]): string {
  return words.map(quoteChat).join(" ");
}
