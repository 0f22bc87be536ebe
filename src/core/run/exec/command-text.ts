import { quote } from "../../jigs/shell/quote.ts";

/** Words that a shell takes for its own grammar where a command's name is expected. */
const reserved = new Set("case coproc do done elif else esac fi for function if in select then time until while".split(" "));

/**
 * The shell text for words typed behind `--`: one word is a line of shell as it stands; several are one command and its arguments, quoted so
 * that the program gets exactly them.
 */
export function commandText(words: readonly string[]): string {
  const [first = "", ...rest] = words;
  if (rest.length === 0) return first;
  // Unquoted, `A=b` would be an assignment and `if` the beginning of a condition.
  const name = first.includes("=") || reserved.has(first) ? `'${first.replaceAll("'", "'\\''")}'` : quote(first);
  return [name, ...rest.map(quote)].join(" ");
}
