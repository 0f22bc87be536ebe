import type { Answer } from "../../core/commands/command.ts";
import { inChat, type Style } from "../grammar/lines.ts";
import type { TextFile } from "../send/sender.ts";
import { context, header, section } from "../text/blocks.ts";
import { limits } from "../text/limits.ts";
import type { Message, OurBlock } from "../text/message.ts";
import { cutText } from "../text/cut.ts";
import { block, esc, joined, mrkdwn, prose, type SlackText } from "../text/slack-text.ts";

/** An answer as it is told in Slack. */
export interface Told {
  readonly message: Message;
  /** All of it, where the message holds only a part. */
  readonly file?: TextFile;
}

/** Makes a message of blocks; absent ones are left out. `text` is the whole answer as a sentence, for notifications and screen readers. */
export function told(text: SlackText, ...blocks: readonly (OurBlock | undefined)[]): Told {
  const shown = blocks.filter((each) => each !== undefined).slice(0, limits.blocks);
  return { message: { text: cutText(text, limits.text), blocks: shown } };
}

/** One sentence. */
export function sentence(text: SlackText): Told {
  return told(text, section(text, 2_500));
}

/** A text of the core with its commands as they are typed here. */
export function hint(style: Style, text: string): SlackText {
  return prose(inChat(style, text));
}

/** Small print under an answer: what to type next. */
export function nextLine(style: Style, ...lines: readonly string[]): OurBlock | undefined {
  return context(
    joined(
      lines.map((line) => mrkdwn`Next: ${hint(style, line)}`),
      "\n",
    ),
  );
}

/** The longest preformatted text in a message; the rest goes into a file. */
const mostPlain = 2_400;
const mostLines = 40;

/** The command line's own words, preformatted; what is too long for a message is in a file beside it. */
export function plain(style: Style, title: string, text: string, answer: Answer): Told {
  const words = inChat(style, text.replace(/\n+$/u, ""));
  const lines = words.split("\n");
  let shown = lines.slice(0, mostLines).join("\n").slice(0, mostPlain);
  let block_ = block(shown);
  // Escapes make it longer than it is.
  while (block_.length > limits.sectionText - 100 && shown.length > 200) {
    shown = shown.slice(0, Math.floor(shown.length * 0.8));
    block_ = block(shown);
  }
  const cut = shown.length < words.length;
  const where = style.cluster === undefined ? "" : ` of ${style.cluster}`;
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const text_ = mrkdwn`${esc(title + where)}: ${esc(first)}${cut ? mrkdwn` The whole answer is in a file.` : mrkdwn``}`;
  const said = told(
    text_,
    header(`${title}${where}`),
    words === "" ? section(mrkdwn`There is nothing to show.`) : section(block_),
    cut ? context(mrkdwn`${lines.length} lines; all of them are in the file.`) : undefined,
    answer.exit === 0 ? undefined : context(mrkdwn`Ended with exit code ${answer.exit}.`),
  );
  if (!cut) return said;
  const name = `${title.replaceAll(/[^\w-]+/gu, "-")}${style.cluster === undefined ? "" : `-${style.cluster}`}.txt`;
  return { ...said, file: { name, title: `${title}${where}`, text: words } };
}
