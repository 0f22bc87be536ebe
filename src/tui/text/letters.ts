const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const simple = /^[\u0020-\u007e]*$/u;

/** What a person takes for single characters: a letter with its accents, a joined emoji. */
export function letters(text: string): readonly string[] {
  return simple.test(text) ? text.split("") : Array.from(graphemes.segment(text), ({ segment }) => segment);
}
