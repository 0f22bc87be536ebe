/**
 * True for an extended regular expression (POSIX.1-2017, XBD 9.4) that finds the same lines when Perl reads it, and none of them slowly: printable ASCII, anchors at the ends
 * alone, letters and classes in brackets, one quantifier behind one character. Not: groups, alternatives, bounds, and escapes that mean something else to either of them.
 */
export function isPlainPattern(pattern: string): boolean {
  if (!form.test(pattern)) return false;
  // Perl tries again at each place for each of these: with two of them a line of n characters takes n * n steps at most.
  const repeats = (pattern.replaceAll(/\\./gu, "").match(/[*+]/gu) ?? []).length;
  return repeats + (pattern.startsWith("^") ? 0 : 1) <= 2;
}

const literal = String.raw`[A-Za-z0-9 _!"#%&',\-/:;<=>@~]`;
const escaped = String.raw`\\[.[\]*+?^${"$"}{}()|\\/\-#]`;
const within = String.raw`(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9 _!"#%&',./:;<=>@~*+?(){}|$]|\[:(?:alpha|digit|alnum|upper|lower|space|blank):\])`;
const bracket = String.raw`\[\^?${within}+-?\]`;
const form = new RegExp(`^\\^?(?:(?:${literal}|\\.|${escaped}|${bracket})[*+?]?)+\\$?$`, "u");
