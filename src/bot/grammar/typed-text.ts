/**
 * What somebody typed, out of what Slack made of it: links that Slack made by itself (`<http://web1|web1>`, `<tel:10|10>`) are what was typed
 * again, channels and groups their names, `&lt;` a `<`. A mention of a person stays `<@U123>`: it stands for an id. Marks that nobody sees go.
 * https://docs.slack.dev/messaging/formatting-message-text. Pure; never throws.
 */
export function typedText(markup: string): string {
  const parts = markup.split(/(<[^<>]*>)/u);
  return parts
    .map((part, index) => (index % 2 === 1 ? reference(part) : entities(part)))
    .join("")
    .replaceAll(invisible, "");
}

/** Soft hyphens, zero-width characters, marks of direction: they come along when text is copied. */
const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Only the three that Slack writes; in one pass, so that `&amp;lt;` is `&lt;`. */
function entities(text: string): string {
  return text.replaceAll(/&(amp|lt|gt);/gu, (_, name: string) => (name === "amp" ? "&" : name === "lt" ? "<" : ">"));
}

function reference(part: string): string {
  const inner = part.slice(1, -1);
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : entities(inner.slice(bar + 1));
  const person = /^@([UW][A-Z0-9]{2,30})$/u.exec(target)?.[1];
  if (person !== undefined) return `<@${person}>`;
  if (/^#[CGD][A-Z0-9]+$/u.test(target)) return `#${label || target.slice(1)}`;
  if (target.startsWith("!subteam^")) return label || `@${target.slice(9)}`;
  if (/^!(here|channel|everyone)$/u.test(target)) return `@${target.slice(1)}`;
  if (target.startsWith("!")) return label || target;
  if (/^(https?|tel|mailto|ftp|file|ssh|slack):/iu.test(target)) return label || entities(target.replace(/^(tel|mailto):/iu, ""));
  return entities(part);
}
