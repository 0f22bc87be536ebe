import { hasCode } from "../../core/errors.ts";
import type { Sender } from "../send/sender.ts";
import type { Message } from "../text/message.ts";
import type { Inbound } from "./inbound.ts";

/** Answers by a `response_url`, in place of the message that was acted on where `replace` says so; false where that is not possible any more. */
export type Respond = (url: string, message: Message, replace?: boolean) => Promise<boolean>;

/**
 * Tells somebody something that nobody else is to see, wherever they did what it is about: in the channel where that is possible, else by
 * Slack's own answer address, else in the conversation with the bot. `key` is unique per message.
 */
export async function tellPrivately(sender: Sender, respond: Respond, inbound: Inbound, message: Message): Promise<void> {
  const { user } = inbound.caller;
  const place = placeOf(inbound);
  if (inbound.kind === "dm") return void (await sender.post(place ?? { channel: inbound.channel }, message, `told:${inbound.key}`));
  if (place !== undefined) {
    try {
      return await sender.ephemeral({ ...place, user }, message);
    } catch (error) {
      if (!hasCode(error, "SLACK_REFUSED")) throw error; // the bot or the person is not in the channel
    }
  }
  const url = "responseUrl" in inbound ? inbound.responseUrl : undefined;
  if (url !== undefined && (await respond(url, message))) return;
  await sender.direct(user, message, `told:${inbound.key}`);
}

function placeOf(inbound: Inbound): { readonly channel: string; readonly thread?: string } | undefined {
  switch (inbound.kind) {
    case "command":
    case "mention":
    case "dm":
    case "shortcut":
      return { channel: inbound.channel, ...(inbound.thread === undefined ? {} : { thread: inbound.thread }) };
    case "action": {
      const { source } = inbound;
      return source.at === "message"
        ? { channel: source.channel, ...(source.thread === undefined ? {} : { thread: source.thread }) }
        : undefined;
    }
    case "viewSubmission":
    case "homeOpened":
      return undefined;
    default:
      return inbound satisfies never;
  }
}
