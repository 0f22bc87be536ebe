/**
 * A small terminal for tests: what a program drew, as a person would see it. Knows what the live view writes (cursor up, erase line and below,
 * carriage return, line feed, wrap, scroll, cursor on and off) and fails on any other sequence, so that nothing goes by unseen.
 */
export class ScreenEmulator {
  #columns: number;
  #rows: number;
  #cells: string[][] = [[]];
  #x = 0;
  #y = 0;
  #rest = "";
  cursorShown = true;
  /** Lines that have scrolled out at the top. */
  readonly scrolled: string[] = [];

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  resize(columns: number, rows: number): void {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Lines on the screen, without spaces and empty lines at their ends. */
  lines(): readonly string[] {
    const lines = this.#cells.map((row) =>
      Array.from(row, (cell) => cell ?? " ")
        .join("")
        .trimEnd(),
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The scroll-back and the screen. */
  all(): string {
    return [...this.scrolled, ...this.lines()].join("\n");
  }

  write(text: string): void {
    let left = this.#rest + text;
    this.#rest = "";
    while (left !== "") {
      if (left.startsWith("\u001b")) {
        const sequence = /^\u001b\[(\??)([0-9;]*)([A-Za-z])/.exec(left);
        if (sequence === null) {
          if (left.length > 12) throw new Error(`unknown sequence ${JSON.stringify(left.slice(0, 12))}`);
          this.#rest = left;
          return;
        }
        this.#control(sequence[1] === "?", sequence[2] ?? "", sequence[3] ?? "");
        left = left.slice(sequence[0].length);
      } else {
        const [mark = ""] = left;
        this.#put(mark);
        left = left.slice(mark.length);
      }
    }
  }

  #control(isPrivate: boolean, numbers: string, letter: string): void {
    const kind = `${isPrivate ? "?" : ""}${letter}`;
    if (kind === "m") return;
    if (kind === "A") this.#y = Math.max(0, this.#y - Number(numbers || 1));
    else if (kind === "K") this.#cells[this.#y] = numbers === "2" ? [] : (this.#cells[this.#y] ?? []).slice(0, this.#x);
    else if (kind === "J") {
      this.#cells[this.#y] = (this.#cells[this.#y] ?? []).slice(0, this.#x);
      this.#cells.length = this.#y + 1;
    } else if (kind === "?h" || kind === "?l") {
      if (numbers === "25") this.cursorShown = letter === "h";
      else if (numbers !== "2026") throw new Error(`unknown mode ${numbers}`);
    } else throw new Error(`unknown sequence ${kind} ${numbers}`);
  }

  #put(mark: string): void {
    if (mark === "\r") this.#x = 0;
    else if (mark === "\n") this.#down();
    else {
      if (this.#x >= this.#columns) {
        this.#x = 0;
        this.#down();
      }
      const row = this.#cells[this.#y] ?? [];
      row[this.#x] = mark;
      this.#cells[this.#y] = row;
      this.#x += 1;
    }
  }

  #down(): void {
    this.#y += 1;
    this.#cells[this.#y] ??= [];
    if (this.#y < this.#rows) return;
    this.scrolled.push((this.#cells.shift() ?? []).join("").trimEnd());
    this.#y -= 1;
  }
}
