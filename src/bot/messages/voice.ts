import { type Style, inChat } from "../grammar/lines.ts";
import { context } from "../text/blocks.ts";
import type { Message, OurBlock } from "../text/message.ts";
import { cutPlain } from "../text/clean.ts";
import { cutText } from "../text/cut.ts";
import { limits } from "../text/limits.ts";
import { type SlackText, code, empty, mrkdwn, prose } from "../text/slack-text.ts";
import { limitViolations } from "../text/violations.ts";

/** A sentence of the core whose commands are as one types them here. */
export function told(style: Style, text: string, most = 600): SlackText {
  return prose(cutPlain(inChat(style, text), most));
}

/** A problem in a line: what is wrong, and what to do about it. */
export function toldProblem(style: Style, { message, hint }: { readonly message: string; readonly hint: string }, most: number): SlackText {
  const stop = /[.!?…:]["”’)]*$/u.test(message.trim()) ? empty : mrkdwn`.`;
  return mrkdwn`${told(style, message, most)}${stop} ${told(style, hint, most)}`;
}

/** A command as one types it here: `typed(style, "halligan approve A-3")`. */
export function typed(style: Style, line: string): SlackText {
  return code(inChat(style, `\`${line}\``).replaceAll("`", ""));
}

/** The first 12 hex digits of a digest, which is what people compare. */
export function shortDigest(digest: string): string {
  return digest.replace("sha256:", "").slice(0, 12);
}

/** Blocks without those that have nothing to say. */
export function blocks(...all: readonly (OurBlock | undefined)[]): readonly OurBlock[] {
  return all.filter((each) => each !== undefined);
}

/** Rooms that a renderer tries, from all to little. */
const rooms = [1, 0.6, 0.35, 0.15] as const;

/**
 * A message within the limits, whatever it is about: the renderer is given less room until it fits. `render` makes the blocks for a share
 * of the room that it has at most.
 */
export function fitted(text: SlackText, render: (room: number) => readonly OurBlock[]): Message {
  let message: Message = { text: cutText(text, limits.text), blocks: [] };
  for (const room of rooms) {
    message = { text: cutText(text, limits.text), blocks: render(room) };
    if (limitViolations(message).length === 0) return message;
  }
  return message;
}

/** A message of one paragraph. */
export function plainMessage(text: SlackText, ...small: readonly SlackText[]): Message {
  const shown = cutText(text, 2900);
  return { text: shown, blocks: blocks({ type: "section", text: { type: "mrkdwn", text: shown, verbatim: true } }, context(...small)) };
}
