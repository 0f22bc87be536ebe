import { textWidth } from "../../core/words/text-width.ts";
import type { Size } from "./frame.ts";

const escape = "\u001b[";
/** Synchronised output: terminals that know it show a frame at once, others ignore it. */
const [beginFrame, endFrame] = [`${escape}?2026h`, `${escape}?2026l`];
const [hideCursor, showCursor] = [`${escape}?25l`, `${escape}?25h`];

/**
 * Redraws a block of lines in place, below what was printed before, without the alternate screen: what is printed stays in the scroll-back.
 * Lines must be narrower than the terminal, and the block lower than it.
 */
export class Canvas {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];
  #hidden = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Draws the block; writes only the lines that differ. `above` is printed for good before it. */
  draw(lines: readonly string[], size: Size, above: readonly string[] = []): void {
    if (above.length === 0 && same(lines, this.#lines)) return;
    let text = this.#hidden ? "" : hideCursor;
    this.#hidden = true;
    text += this.#toTop(size);
    if (above.length > 0) {
      text += `${escape}J${above.map((line) => `${line}\n`).join("")}`;
      this.#lines = [];
    }
    for (const [index, line] of lines.entries()) text += line === this.#lines[index] ? "\n" : `${escape}2K${line}\n`;
    if (lines.length < this.#lines.length) text += `${escape}J`;
    this.#lines = lines;
    this.#write(`${beginFrame}${text}${endFrame}`);
  }

  /** Forgets what is on the screen, after its size changed: the next frame is drawn whole. */
  reflow(size: Size): void {
    if (this.#lines.length === 0) return;
    this.#write(`${this.#toTop(size)}${escape}J`);
    this.#lines = [];
  }

  /** Takes the block away and shows the cursor again. */
  clear(size: Size): void {
    if (!this.#hidden) return;
    this.#write(`${this.#toTop(size)}${escape}J${showCursor}`);
    this.#lines = [];
    this.#hidden = false;
  }

  /** Only shows the cursor again, for a process that ends without clearing. */
  showCursor(): void {
    if (this.#hidden) this.#write(showCursor);
    this.#hidden = false;
  }

  /** Moves to the first line of the block. Lines that became too wide when the terminal shrank take several rows. */
  #toTop({ columns, rows }: Size): string {
    const taken = this.#lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line.replaceAll(/\u001b\[[0-9;]*m/gu, "")) / columns)),
      0,
    );
    const up = Math.min(taken, rows - 1);
    return up > 0 ? `\r${escape}${up}A` : "\r";
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
