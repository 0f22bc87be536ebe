/** Largest YAML file that is read, in bytes: a cluster of 1,000 nodes written one by one has about 150 KB. */
export const maxYamlBytes = 2 * 1024 * 1024;

/** A text with its lines, for turning offsets into places. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  /** Line (from 1) and column (from 1) of an offset, with the text of the line. */
  place(offset: number): { readonly file: string; readonly line: number; readonly column: number; readonly text: string } {
    const index = this.#lineAt(Math.min(Math.max(0, offset), this.text.length));
    const column = Math.min(Math.max(0, offset), this.text.length) - (this.#starts[index] ?? 0) + 1;
    return { file: this.file, line: index + 1, column, text: this.line(index + 1) };
  }

  /** Text of a line, from 1, without its end; at most 400 characters, so that no problem carries a whole file. */
  line(number: number): string {
    const start = this.#starts[number - 1] ?? this.text.length;
    const end = this.#starts[number] ?? this.text.length + 1;
    return this.text.slice(start, Math.min(end - 1, start + 400)).replace(/\r$/u, "");
  }

  /** Offset of the first character of a line, from 1. */
  startOf(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  #lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
