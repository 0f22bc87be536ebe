import { durationWords } from "../../core/words/time.ts";
import type { Job } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { readColoured } from "../text/ansi.ts";
import { type Line, line, lineText } from "../text/line.ts";
import type { Look } from "../text/look.ts";
import { type Row, type View, defineScreen } from "./screen.ts";

/** Commands that were started from here. */
export const jobsScreen = defineScreen<null>({
  id: "jobs",
  about: "Commands that were started from here, with their output.",
  title: () => "commands",
  topics: () => [],
  start: () => null,
  view: ({ world, look }): View => {
    const jobs = [...world.jobs.values()].toReversed();
    if (jobs.length === 0) return { kind: "empty", says: "No command has been started from here yet. : takes one." };
    return {
      kind: "body",
      head: [],
      rows: jobs.map((job): Row => ({ id: `${job.id}`, text: job.command, line: () => jobLine(job, world.now, look) })),
    };
  },
  keys: [
    keyRow("jobs", "open", ["enter", "l", "right"], "output", { hint: 9 }),
    keyRow("jobs", "stop", ["x"], "stop", { hint: 5 }),
    keyRow("jobs", "again", ["r"], "type it again", { hint: 4 }),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "output", param: row.id }]),
    stop: ({ row }) => (row === undefined ? [] : [{ want: "effect", effect: { do: "stop", job: Number(row.id) } }]),
    again: ({ row }) => (row === undefined ? [] : [{ want: "type", text: row.text }]),
  },
});

/** The output of one command. */
export const outputScreen = defineScreen<null>({
  id: "output",
  about: "The output of a command. It is a process of its own: leaving this page does not end it.",
  title: ({ param }) => `command ${param}`,
  topics: () => [],
  start: () => null,
  view: ({ world, param, look }): View => {
    const job = world.jobs.get(Number(param));
    if (job === undefined) return { kind: "empty", says: "This command's output is gone." };
    const rows = job.lines.map((text, index): Row => {
      const drawn = readColoured(text);
      return { id: `${index + job.dropped}`, text: lineText(drawn), line: () => drawn };
    });
    const dropped = job.dropped === 0 ? [] : [line([`   ${job.dropped} earlier lines are gone`, "dim"])];
    return {
      kind: "body",
      head: [{ segs: [["   ", "plain"], ...jobLine(job, world.now, look).segs], look: "normal" }, ...dropped],
      rows,
      grows: true,
    };
  },
  keys: [
    keyRow("output", "stop", ["x"], "stop it", { hint: 5 }),
    keyRow("output", "pager", ["o"], "pager", { hint: 6 }),
    keyRow("output", "again", ["r"], "type it again", { hint: 4 }),
  ],
  actions: {
    stop: ({ param }) => [{ want: "effect", effect: { do: "stop", job: Number(param) } }],
    pager: ({ world, param }) => {
      const job = world.jobs.get(Number(param));
      const text = (job?.lines ?? []).map((each) => lineText(readColoured(each))).join("\n");
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "pager", title: job?.command ?? "", text } } }];
    },
    again: ({ world, param }) => [{ want: "type", text: world.jobs.get(Number(param))?.command ?? "" }],
  },
});

function jobLine(job: Job, now: number, look: Look): Line {
  const took = durationWords((job.end?.at ?? now) - job.startedAt);
  const command = `halligan ${job.command}`;
  if (job.end === undefined) return line([`${look.glyphs.busy} `, "busy"], command, [`  ${took}`, "dim"]);
  const good = job.end.exit === 0;
  return line([`${good ? look.glyphs.ok : look.glyphs.bad} `, good ? "ok" : "bad"], command, [
    `  ${took}${good ? "" : `, exit code ${job.end.exit}`}`,
    "dim",
  ]);
}
