import type { CodeEntry } from "./entry.ts";

/** Problems of the Slack front end. */
export const slackCodes = {
  SLACK_UNREACHABLE: {
    exit: 5,
    means: "Slack could not be reached, or takes no more calls at present.",
    cause: "Slack or the network is down, or a proxy stands in between.",
    action: "Try again in a minute; runs go on without Slack, and `halligan status` tells the same on the command line.",
  },
  SLACK_REFUSED: {
    exit: 5,
    means: "Slack refused what the bot asked for.",
    cause: "The bot is not in the channel, a scope is missing, or the token was revoked.",
    action: "Invite the bot to the channel with `/invite @halligan`; `halligan doctor` checks tokens and scopes.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
