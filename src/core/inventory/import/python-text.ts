/** Words of a line, or why it has none. */
export type Words = { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly message: string };

/**
 * Splits a line as Ansible does (Python's `shlex.split(line, comments=True)`): quotes join, a backslash takes the next character as it is, and
 * `#` outside of quotes starts a comment, even inside a word.
 */
export function splitWords(line: string, comments = true): Words {
  const words: string[] = [];
  let word: string | undefined;
  for (let index = 0; index < line.length; index += 1) {
    const sign = line[index] ?? "";
    if (/\s/u.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === "#" && comments) {
      break;
    } else if (sign === "'" || sign === '"') {
      const quoted = readQuoted(line, index);
      if (quoted === undefined) return { ok: false, message: "a quote is not closed" };
      word = (word ?? "") + quoted.text;
      index = quoted.end;
    } else if (sign === "\\") {
      if (index + 1 === line.length) return { ok: false, message: "it ends with a backslash" };
      word = (word ?? "") + (line[(index += 1)] ?? "");
    } else word = (word ?? "") + sign;
  }
  if (word !== undefined) words.push(word);
  return { ok: true, words };
}

/** The text between quotes, and where the closing one stands. In double quotes a backslash goes before `"` and `\` only. */
function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const quote = line[start];
  let text = "";
  for (let index = start + 1; index < line.length; index += 1) {
    const sign = line[index] ?? "";
    if (sign === quote) return { text, end: index };
    const next = line[index + 1];
    if (quote === '"' && sign === "\\" && (next === '"' || next === "\\")) {
      text += next;
      index += 1;
    } else text += sign;
  }
  return undefined;
}

/**
 * The text that Ansible makes of an INI value: a Python literal where it is one (quotes go, escapes are read, a comment after it is ignored),
 * else the text as it is. Numbers, lists and maps stay as they are written.
 */
export function pythonText(value: string): string {
  const trimmed = value.trim();
  const literal = /^[uU]?('(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*")\s*(?:#.*)?$/u.exec(trimmed);
  if (literal !== null) return unescapePython((literal[1] ?? "").slice(1, -1));
  const plain = /^(-?\d+(?:\.\d+)?|True|False|None)\s*#.*$/u.exec(trimmed);
  return plain?.[1] ?? trimmed;
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};

function unescapePython(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U(000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})|([0-7]{1,3})|([^]))/gu,
    readEscape,
  );
}

function readEscape(whole: string, hex?: string, four?: string, eight?: string, octal?: string, other?: string): string {
  const digits = hex ?? four ?? eight;
  if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
  return escapes[other ?? ""] ?? whole;
}
