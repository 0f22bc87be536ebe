/**
 * What a terminal or an editor could take for an order or hide from the eye: control characters except newline and tab, DEL, C1, marks that
 * turn the direction of text, invisible format characters, lone surrogates. (Joiners stay: scripts and emoji need them.)
 */
const dangerous =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udfff](?![\s\S])|[\u{e0000}-\u{e007f}]/gu;

/** Text of any origin made safe to print: what a terminal could obey is made visible, `\x1b` for escape. Newlines and tabs stay. */
export function safeText(text: string): string {
  return text.toWellFormed().replaceAll("\r\n", "\n").replace(dangerous, spelled);
}

function spelled(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (code === 13) return "\\r";
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** The same for every text inside a value, keys included. */
export function safeValue<T>(value: T): T {
  if (typeof value === "string") return safeText(value) as T;
  if (Array.isArray(value)) return value.map((each) => safeValue<unknown>(each)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [safeText(key), safeValue<unknown>(inner)])) as T;
}

/** JSON on one line. What JSON leaves as it is and a terminal could obey is written as `\uXXXX`, which means the same. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(dangerous, (found) =>
    [...Array(found.length).keys()].map((index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** Texts of pieces are at least so long, but for the last. */
const pieceChars = 65_536;

/** What `safeJson` makes of an object, in pieces: of thousands of items in its lists nobody needs to have all the text at once. */
export function* safeJsonInPieces(value: object): Generator<string, void, undefined> {
  let piece = "{";
  let comma = "";
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (inner === undefined) continue;
    piece += `${comma}${safeJson(key)}:`;
    comma = ",";
    if (!Array.isArray(inner)) piece += safeJson(inner);
    else {
      piece += "[";
      for (const [at, item] of inner.entries()) {
        piece += `${at === 0 ? "" : ","}${safeJson(item ?? null)}`;
        if (piece.length < pieceChars) continue;
        yield piece;
        piece = "";
      }
      piece += "]";
    }
  }
  yield `${piece}}`;
}
