import type { SlackText } from "./slack-text.ts";

/** At most `most` UTF-16 units of a text: no escape, link or character is cut in two, and no code stays open. */
export function cutText(text: SlackText, most: number): SlackText {
  if (text.length <= most) return text;
  // Room for the mark and for closing a block.
  let end = Math.max(0, most - 8);
  const open = text.lastIndexOf("<", end - 1);
  if (open !== -1 && text.indexOf(">", open) >= end) end = open;
  const entity = text.lastIndexOf("&", end - 1);
  if (entity !== -1 && end - entity <= 4 && !text.slice(entity, end).includes(";")) end = entity;
  if (/[\ud800-\udbff]$/u.test(text.slice(0, end))) end -= 1;
  const kept = text.slice(0, end);
  return `${kept}…${closing(kept)}` as SlackText;
}

/** What closes the code that is open at the end of a text. */
function closing(kept: string): string {
  const fences = kept.split("```");
  if (fences.length % 2 === 0) return "\n```";
  const line = (fences.at(-1) ?? "").split("\n").at(-1) ?? "";
  for (const mark of ["`", "*"]) if ((line.split(mark).length - 1) % 2 === 1) return mark;
  return "";
}
