/**
 * Splits one line of a compiled script into its words as a shell would, for the quoting that our compiler writes: bare words, single quotes,
 * double quotes around a variable, and `\'`. Variables are kept as they stand, such as `$HG_STATE`.
 */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === " " || char === "\t" || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1);
      if (end < 0) throw new Error(`a quote is not closed: ${line}`);
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (char === "\\") {
      at += 1;
      word = (word ?? "") + line.charAt(at);
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}
