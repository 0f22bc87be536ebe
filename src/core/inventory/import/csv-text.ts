/** A record of a CSV file with the line on which it begins. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads CSV (RFC 4180): quoted cells may hold separators, quotes (doubled) and line ends. The separator is the one of `,`, `;` and tab that the
 * first line has most of. Blank lines and a byte order mark are passed over; cells without quotes lose spaces around them. `openLine`: a
 * quote on this line is never closed.
 */
export function readCsv(source: string): { readonly records: readonly CsvRecord[]; readonly openLine: number | undefined } {
  const text = source.replace(/^\uFEFF/u, "");
  const separator = separatorOf(text);
  const records: CsvRecord[] = [];
  let [cells, cell, quoted, line, start, index]: [string[], string, boolean, number, number, number] = [[], "", false, 1, 1, 0];
  let openLine: number | undefined;
  const endCell = (): void => {
    cells.push(quoted ? cell : cell.trim());
    [cell, quoted] = ["", false];
  };
  const endRecord = (): void => {
    const blank = cells.length === 0 && !quoted && cell.trim() === "";
    endCell();
    if (!blank) records.push({ line: start, cells });
    cells = [];
  };
  while (index < text.length) {
    const sign = text[index] ?? "";
    if (sign === '"' && cell.trim() === "" && !quoted) {
      const end = closingQuote(text, index);
      if (end === -1) openLine = line;
      const inside = text.slice(index + 1, end === -1 ? text.length : end);
      [cell, quoted] = [inside.replaceAll('""', '"'), true];
      line += inside.split("\n").length - 1;
      index = end === -1 ? text.length : end + 1;
      continue;
    }
    if (sign === separator) endCell();
    else if (sign === "\n" || (sign === "\r" && text[index + 1] !== "\n")) {
      endRecord();
      line += 1;
      start = line;
    } else if (!(quoted && /\s/u.test(sign))) cell += sign;
    index += 1;
  }
  if (cell !== "" || quoted || cells.length > 0) endRecord();
  return { records, openLine };
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}

function separatorOf(text: string): string {
  const head = /^[^\r\n]*/u.exec(text.trimStart())?.[0] ?? "";
  const count = (sign: string): number => head.split(sign).length;
  return [",", ";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ",");
}

/** One record of CSV, quoted where it must be. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",;\t\r\n]|^\s|\s$/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

/** Parts of a cell separated by `;`; a backslash keeps a `;` or a backslash. */
export function splitList(cell: string): readonly string[] {
  if (cell === "") return [];
  const parts = [""];
  for (let index = 0; index < cell.length; index += 1) {
    const sign = cell[index] ?? "";
    const next = cell[index + 1];
    if (sign === "\\" && (next === ";" || next === "\\")) {
      parts[parts.length - 1] += next;
      index += 1;
    } else if (sign === ";") parts.push("");
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

/** The reverse of `splitList`. */
export function joinList(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[\\;]/gu, "\\$&")).join(";");
}
