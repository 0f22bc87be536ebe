import { utcWords } from "../../core/words/time.ts";
import { clean, cleanLine } from "./clean.ts";

declare const brand: unique symbol;

/** Slack's mrkdwn in which everything from outside is escaped. Only this file and `cut.ts` make it. */
export type SlackText = string & { readonly [brand]: "SlackText" };

/** Nothing. */
export const empty = "" as SlackText;

/** Outside text on one line, as literal text: no mention, link, quote or formatting comes out of it. */
export function esc(text: string): SlackText {
  return entities(cleanLine(text).replace(formatting, (mark) => lookAlikes[mark] ?? mark)) as SlackText;
}

/** The three characters by which Slack recognises everything that could do something: https://docs.slack.dev/messaging/formatting-message-text */
function entities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Marks that could open bold, italics, struck-out text or code: they do nothing within a word or before a space. */
const formatting = /`|(?<![\p{L}\p{N}])[*_~](?!\s)/gu;
const lookAlikes: Readonly<Record<string, string>> = { "*": "∗", _: "ˍ", "~": "∼", "`": "ˋ" };

/** Our own mrkdwn with values in it: `` mrkdwn`*Plan* ${esc(name)}` ``. Plain strings do not fit in: they go through `esc`, `code` or `block`. */
export function mrkdwn(parts: TemplateStringsArray, ...values: readonly (SlackText | number)[]): SlackText {
  return parts.map((part, index) => `${part}${values[index] ?? ""}`).join("") as SlackText;
}

/** Texts with something of ours between them; empty ones are left out. */
export function joined(texts: readonly SlackText[], between: "\n" | ", " | " · " | " "): SlackText {
  return texts.filter((text) => text !== "").join(between) as SlackText;
}

/** Outside text as code on one line: names, ids and commands, to be copied as they are. */
export function code(text: string): SlackText {
  return `\`${entities(cleanLine(text).replaceAll("`", "ˋ")) || "-"}\`` as SlackText;
}

/** Outside text as a preformatted block, its lines kept. */
export function block(text: string): SlackText {
  const unfenced = clean(text)
    .replaceAll(/`(?=`)/gu, "`\u200b")
    .replaceAll("\t", "    ");
  return `\`\`\`\n${entities(unfenced.replace(/\n+$/u, "")) || " "}\n\`\`\`` as SlackText;
}

/** Emphasis for a text of ours that holds no `*` itself. */
export function bold(text: SlackText): SlackText {
  return text === "" ? empty : (`*${text.replaceAll("*", "∗")}*` as SlackText);
}

/** A sentence of a hint: what stands between backticks is shown as code, everything else is literal. */
export function prose(text: string): SlackText {
  const parts = cleanLine(text).split("`");
  const balanced = parts.length % 2 === 1;
  return balanced ? (parts.map((part, index) => (index % 2 === 1 ? code(part) : escKeepingEnds(part))).join("") as SlackText) : esc(text);
}

/** `esc` between two pieces of code: the spaces at its ends stay. */
function escKeepingEnds(part: string): SlackText {
  const [before, after] = [part.startsWith(" ") ? " " : "", part.endsWith(" ") && part.trim() !== "" ? " " : ""];
  return `${before}${esc(part)}${after}` as SlackText;
}

/** Tells a person of Slack about a message; of anything but a user id, the literal text. */
export function mention(user: string): SlackText {
  return (/^[UW][A-Z0-9]{2,30}$/u.test(user) ? `<@${user}>` : esc(user)) as SlackText;
}

/** A channel by its id. */
export function channelLink(channel: string): SlackText {
  return (/^[CGD][A-Z0-9]{2,30}$/u.test(channel) ? `<#${channel}>` : esc(channel)) as SlackText;
}

/** A moment in the reader's own time zone; where Slack cannot tell it, in UTC. */
export function moment(at: number): SlackText {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${utcWords(at)}>` as SlackText;
}

/** The same without a date, for the near future and past. */
export function clockTime(at: number): SlackText {
  return `<!date^${Math.floor(at / 1000)}^{time}|${utcWords(at)}>` as SlackText;
}

/** A link; of anything but a plain web address, the literal label. */
export function link(url: string, label: string): SlackText {
  const text = esc(label);
  return (/^https?:\/\/[\w.:-]+\/[\w./-]*$/u.test(url) ? `<${url}|${text.replaceAll("|", "/")}>` : text) as SlackText;
}
