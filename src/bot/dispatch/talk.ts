import { HalliganError, hasCode } from "../../core/errors.ts";
import type { Told } from "../answers/told.ts";
import type { Inbound } from "../inbound/inbound.ts";
import { type Respond, tellPrivately } from "../inbound/tell.ts";
import type { BotPorts } from "../ports.ts";
import type { Place } from "../send/sender.ts";
import type { SlackSender } from "../send/slack-sender.ts";
import type { Message } from "../text/message.ts";
import { mrkdwn } from "../text/slack-text.ts";
import { section } from "../text/blocks.ts";
import type { Boards } from "./boards.ts";
import type { Questions } from "./questions.ts";

/** What commands of chat are carried out with. */
export interface TalkParts {
  readonly ports: BotPorts;
  readonly sender: SlackSender;
  readonly respond: Respond;
  readonly boards: Boards;
  readonly questions: Questions;
  /** Aborted when the bot ends. */
  readonly signal: AbortSignal;
}

/** A conversation with one person about one act of theirs. */
export interface Talk {
  readonly inbound: Inbound;
  /** Where it takes place; runs and plans that come of it are shown there. */
  readonly to: Place;
  /** Only they and we are there: what is said is public anyway. */
  readonly direct: boolean;
  /** Tells the person alone. */
  tell(message: Message): Promise<void>;
  /** Tells the person alone, with what did not fit as a file in their conversation with the bot. */
  tellAll(told: Told): Promise<void>;
  /** Tells everybody there. */
  announce(message: Message): Promise<void>;
}

/** The same, with the person told where it takes place, whatever they did it with: a dialog has no place of its own. */
export function privately({ sender }: Pick<TalkParts, "sender">, talk: Talk): Talk {
  const { user } = talk.inbound.caller;
  return {
    ...talk,
    async tell(message) {
      try {
        await sender.ephemeral({ ...talk.to, user }, message);
      } catch (error) {
        if (!hasCode(error, "SLACK_REFUSED")) throw error; // somewhere where that is not possible
        await talk.tell(message);
      }
    },
  };
}

/** Begins one. */
export function startTalk({ sender, respond, ports }: TalkParts, inbound: Inbound, to: Place): Talk {
  const direct = inbound.kind === "dm" || (inbound.kind === "command" && inbound.direct);
  let said = 0;
  const key = (): string => {
    said += 1;
    return `${inbound.key}:${said}`;
  };
  const tell = async (message: Message): Promise<void> => await tellPrivately(sender, respond, { ...inbound, key: key() }, message);
  return {
    inbound,
    to,
    direct,
    tell,
    async tellAll({ message, file }) {
      await tell(message);
      if (file === undefined) return;
      try {
        const comment = mrkdwn`The whole answer, as a file.`;
        const at = direct
          ? to
          : await sender.direct(inbound.caller.user, { text: comment, blocks: [section(comment)] }, `file:${inbound.key}`);
        await sender.upload("ts" in at ? { channel: at.channel, thread: at.ts } : at, file, `file:${inbound.key}:${file.name}`);
      } catch (error) {
        // The message has the most important part of it.
        ports.log(`slack: a file could not be sent: ${error instanceof HalliganError ? error.code : String(error)}`);
      }
    },
    async announce(message) {
      await sender.post(to, message, `said:${key()}`);
    },
  };
}
