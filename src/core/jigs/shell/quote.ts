/** A piece of shell text that may stand in a script as it is. Only `sh` and `rawShell` make one. */
export interface Sh {
  readonly sh: string;
}

/** Quotes any string without NUL bytes as one POSIX shell word. */
export function quote(value: string): string {
  return /^[A-Za-z0-9_/.:=@%+,-]+$/u.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/** Shell text with values: strings are quoted as one word, numbers and `Sh` stand as they are, lists become words separated by blanks. */
export function sh(parts: TemplateStringsArray, ...values: readonly (string | number | Sh | readonly string[])[]): Sh {
  return { sh: parts.raw.map((part, at) => part + (at < values.length ? word(values[at] ?? "") : "")).join("") };
}

/** Declares text to be shell text. For constants and for text that was made of `Sh` pieces. */
export function rawShell(text: string): Sh {
  return { sh: text };
}

/** Joins pieces as lines. */
export function lines(...pieces: readonly (Sh | undefined)[]): Sh {
  return { sh: pieces.flatMap((piece) => (piece === undefined || piece.sh === "" ? [] : [piece.sh])).join("\n") };
}

/** Literal shell functions for the prelude: backslashes stay, `\${` and `` \` `` stand for `${` and a backquote. */
export function posix(parts: TemplateStringsArray): string {
  return (parts.raw[0] ?? "").replaceAll("\\${", "${").replaceAll("\\`", "`");
}

function word(value: string | number | Sh | readonly string[]): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return String(value);
  return "sh" in value ? value.sh : value.map(quote).join(" ");
}
