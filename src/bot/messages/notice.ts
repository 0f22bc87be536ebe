import type { HalliganError, Problem } from "../../core/errors.ts";
import type { Style } from "../grammar/lines.ts";
import type { Message } from "../text/message.ts";
import { type SlackText, code, joined, mrkdwn } from "../text/slack-text.ts";
import { section } from "../text/blocks.ts";
import { blocks, fitted, plainMessage, told } from "./voice.ts";

/** A word to one person. */
export function noticeMessage(text: SlackText): Message {
  return plainMessage(text);
}

/** What went wrong with what somebody pressed: code, what happened, what to do. */
export function problemMessage(style: Style, error: HalliganError): Message {
  const [first] = error.problems;
  return fitted(mrkdwn`${told(style, first.message)} ${told(style, first.hint)}`, (room) =>
    blocks(...error.problems.slice(0, Math.max(1, Math.round(5 * room))).map((each) => section(problemText(style, each), 1500))),
  );
}

function problemText(style: Style, { code: name, message, cause, hint }: Problem): SlackText {
  return joined(
    [mrkdwn`${code(name)} ${told(style, message, 700)}`, cause === undefined ? mrkdwn`` : told(style, cause, 400), told(style, hint, 500)],
    "\n",
  );
}
