/*
 * YAML does not allow `[` inside a plain text between braces: `{ address: 10.0.0.[1-3] }` would need quotes. Ranges are written there all
 * the time, so their brackets and commas are replaced, one character by one, before the parser sees them, and put back in what it returns.
 */
const hidden: Readonly<Record<string, string>> = { "[": "\uE0F0", "]": "\uE0F1", ",": "\uE0F2" };
const shown: Readonly<Record<string, string>> = { "\uE0F0": "[", "\uE0F1": "]", "\uE0F2": "," };

/** Hides ranges that touch a word on their left; same length, so that every offset stays. A text that uses the stand-ins is left alone. */
export function hideRanges(text: string): string {
  if (/[\uE0F0-\uE0F2]/u.test(text)) return text;
  return text.replace(/(?<=[A-Za-z0-9._*-]|[A-Za-z0-9]\])\[[0-9a-z, -]{1,200}\]/gu, (range) =>
    range.replace(/[[\],]/gu, (sign) => hidden[sign] ?? sign),
  );
}

/** Puts the brackets back. */
export function showRanges(text: string): string {
  return text.replace(/[\uE0F0-\uE0F2]/gu, (sign) => shown[sign] ?? sign);
}
