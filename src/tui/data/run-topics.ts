import { runStream } from "../../core/journal/events.ts";
import { type Note, foldNotes, readNotes } from "../../core/notes/notes.ts";
import type { LogPart } from "../../core/ports.ts";
import { safeText } from "../../core/words/safe-text.ts";
import type { Loaded } from "./loaded.ts";
import { valueOf } from "./loaded.ts";
import { type RunJournal, readRunJournal } from "./run-view.ts";
import type { Topic } from "./topic.ts";
import { type World, see } from "./world.ts";

/** All events of one run. */
export function journalTopic(run: string): Topic<RunJournal> {
  const stream = runStream(run);
  return {
    key: `journal:${run}`,
    load: ({ store }) => readRunJournal(store, run),
    touched: () => false,
    fold: (journal, event) => {
      const last = journal.events.at(-1)?.seq ?? 0;
      return event.stream !== stream || event.seq <= last ? journal : { ...journal, events: [...journal.events, event] };
    },
  };
}

/** What people noted down, oldest first. */
export const notesTopic: Topic<readonly Note[]> = {
  key: "notes",
  load: ({ store }) => readNotes(store),
  touched: () => false,
  fold: foldNotes,
};

/** Which log: that of one attempt of a node-role in a run. */
export interface LogPlace {
  readonly run: string;
  readonly node: string;
  readonly role: string;
  /** From 1. */
  readonly attempt: number;
}

/** The end of a log, in lines that are safe to show. */
export interface LogText {
  readonly lines: readonly string[];
  /** Bytes before the first of these lines. */
  readonly skipped: number;
}

/** How much of a log is read: for a panel, or for a page of its own. */
const sizes = { panel: 32 * 1024, page: 1024 * 1024 } as const;

/** A log; while something writes to it, it is looked at again and again. */
export function logTopic({ run, node, role, attempt }: LogPlace, size: keyof typeof sizes, live: boolean): Topic<LogText> {
  const file = attempt <= 1 ? role : `${role}.${attempt}`;
  return {
    key: `log:${size}:${run}/${node}/${file}${live ? ":live" : ""}`,
    load: async ({ logs }) => {
      return logText(await logs.tail({ run, node, role: file }, sizes[size]));
    },
    touched: () => false,
    ...(live ? { everyMs: 900 } : {}),
  };
}

/** Lines of the end of a log; where that does not begin with the log, its first line is only a part and left out. */
function logText({ bytes, from }: LogPart): LogText {
  const skip = from === 0 ? 0 : bytes.indexOf(newline) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(skip)).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return { lines: lines.map((line) => safeText(line.replace(/\r$/u, ""))), skipped: from + skip };
}

const newline = 10;

/** A log; just after its end, as it was last seen before that. */
export function seeLog(world: World, place: LogPlace, size: keyof typeof sizes, live: boolean): Loaded<LogText> {
  const loaded = see(world, logTopic(place, size, live));
  if (loaded.phase !== "loading") return loaded;
  const before = see(world, logTopic(place, size, !live));
  return valueOf(before) === undefined ? loaded : before;
}
