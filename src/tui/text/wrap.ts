import { cutToWidth, textWidth } from "../../core/words/text-width.ts";

/** Breaks prose into rows of at most `width` columns, between words where it can. */
export function wrapWords(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const rows: string[] = [];
    let row = "";
    for (const word of paragraph.split(" ")) {
      const longer = row === "" ? word : `${row} ${word}`;
      if (textWidth(longer) <= width) {
        row = longer;
        continue;
      }
      if (row !== "") rows.push(row);
      row = word;
      while (textWidth(row) > width) {
        const piece = cutToWidth(row, width, "");
        if (piece === "") break;
        rows.push(piece);
        row = row.slice(piece.length);
      }
    }
    return [...rows, row];
  });
}
