import type { CodeEntry } from "./entry.ts";

/** Problems of what is typed in chat. */
export const chatCodes = {
  CHAT_CLUSTER_MISSING: {
    exit: 2,
    means: "A command in chat does not say which cluster it is about.",
    cause: "Chat never guesses a cluster: only in the thread of a plan or a run it may be left out.",
    action: "Write the cluster's name behind the command, such as `/halligan status lab-a`.",
  },
  CHAT_CLUSTER_UNKNOWN: {
    exit: 2,
    means: "No cluster of that name is served here.",
    cause: "The name is mistyped, or the cluster is not among those that `halligan serve` was given.",
    action: "`/halligan help` lists the clusters that may be named in the channel.",
  },
  CHAT_CLUSTER_ELSEWHERE: {
    exit: 3,
    means: "The cluster may not be named in this channel.",
    cause: "The cluster's slack.yaml lists the channels where it may be.",
    action: "Type the command in one of those channels, or add this one to `channels` in slack.yaml.",
  },
  CHAT_NOT_HERE: {
    exit: 2,
    means: "The command, or one of its options, makes no sense in chat.",
    cause: "It works on files, a terminal or secrets of whoever types it.",
    action: "Type it in a terminal, in the cluster's folder.",
  },
  CHAT_QUOTE_OPEN: {
    exit: 2,
    means: "A quote was opened and not closed, so that it is not clear what was meant.",
    cause: "A quote was forgotten, or stands inside of the text.",
    action: "Close it, or write a backslash before a quote that belongs to the text.",
  },
  CHAT_QUESTION_GONE: {
    exit: 4,
    means: "The question that was answered is not open (any more).",
    cause: "It was answered before, ten minutes have passed, or what it asked about has changed since.",
    action: "Type the command again and answer its new question.",
  },
  CHAT_QUESTION_NOT_YOURS: {
    exit: 3,
    means: "The question was put to somebody else.",
    cause: "A question may be answered only by whoever typed the command.",
    action: "Type the command yourself.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
