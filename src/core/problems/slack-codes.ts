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
  SLACK_CALLER_REFUSED: {
    exit: 3,
    means: "Whoever asked in Slack is not a full member of the bot's own workspace.",
    cause: "Guests, members of other workspaces, deactivated users and bots are refused before anything else is looked at.",
    action: "Ask a full member of the workspace, or use the command line.",
  },
  SLACK_CHANNEL_REFUSED: {
    exit: 3,
    means: "Nothing is answered in this channel.",
    cause: "The channel is shared with another organisation, or the bot is not in it.",
    action: "Use a channel of your own workspace to which the bot was invited, or a direct message to the bot.",
  },
  SLACK_SETUP: {
    exit: 2,
    means: "The bot cannot be set up with what `halligan serve` was given.",
    cause: "A token is missing, of the wrong kind, or belongs to the other transport.",
    action: "Set the tokens as docs/slack.md tells, or serve without Slack: `halligan serve --no-slack`.",
  },
  SLACK_NO_PEOPLE: {
    exit: 2,
    means: "The cluster is not answered in Slack because it has no people.yaml.",
    cause: "Without people.yaml only the local user may do anything, and a channel is not that user.",
    action: "Write one (`halligan init --people`, docs/people.md), naming people by their Slack ids.",
  },
  METRICS_PORT: {
    exit: 2,
    means: "The port for metrics and health cannot be opened.",
    cause: "Another program has it, or another `halligan serve` of this machine.",
    action: "Choose another port: `halligan serve --metrics PORT`.",
  },
  SERVE_CLUSTERS: {
    exit: 2,
    means: "The clusters that `halligan serve` was given cannot be served together.",
    cause: "There is none, or two have the same name.",
    action: "Give each cluster file once (`-f` or `--clusters`), and each cluster a name of its own.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
