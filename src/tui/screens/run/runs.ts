import type { RunEntry } from "../../../core/run/requests.ts";
import { count, listed } from "../../../core/words/count.ts";
import { agoWords, durationWords, utcWords } from "../../../core/words/time.ts";
import { problemLines } from "../../data/problem-lines.ts";
import { remember } from "../../data/remember.ts";
import { notesTopic } from "../../data/run-topics.ts";
import type { RunView } from "../../data/run-view.ts";
import { runTopic, runsTopic } from "../../data/topics.ts";
import { type World, known, see } from "../../data/world.ts";
import { keyRow } from "../../keys/keymap.ts";
import { type Line, type Tone, blank, line } from "../../text/line.ts";
import type { Look } from "../../text/look.ts";
import { type Column, tableHead, tableRow, tableShape } from "../../text/table.ts";
import { wrapWords } from "../../text/wrap.ts";
import { withoutId } from "../../../core/words/events.ts";
import { type Row, type Side, type View, defineScreen, whenReady } from "../screen.ts";
import type { Sign } from "../words.ts";
import { isWrong } from "../../data/run-tally.ts";
import { toRetry } from "./run.ts";

/** Every run there was, newest first. */
export const runsScreen = defineScreen<null>({
  id: "runs",
  tab: { key: "4", label: "runs" },
  about: "Every run there was: who asked for it, how it ended, how long it took. enter opens one, r plays it again.",
  title: () => "runs",
  topics: (_, { list }) => [runsTopic, notesTopic, ...(list.cursor === undefined ? [] : [runTopic(list.cursor)])],
  start: () => null,
  view: ({ world, look, width, list }) =>
    whenReady(see(world, runsTopic), "the runs", (runs): View => {
      if (runs.length === 0)
        return {
          kind: "empty",
          says: "Nothing has run in this cluster yet. A plan shows what a run would do; A applies it.",
          command: "plan",
        };
      const second = Math.floor(world.now / 1000);
      const room = (width >= 110 ? width - Math.floor(width * 0.48) - 2 : width) - 3;
      const head = tableHead(shaped(runs, second, room, look), look.glyphs.cut);
      const at = runs.find(({ run }) => run === list.cursor);
      const body: View = {
        kind: "body",
        head: [{ segs: [["   ", "plain"], ...head.segs], look: "normal" }],
        rows: rowsOf(runs, second, room, look),
      };
      return at === undefined ? body : { ...body, side: detail(at, world, look) };
    }),
  keys: [
    keyRow("runs", "open", ["enter", "l", "right"], "open", { hint: 9 }),
    keyRow("runs", "replay", ["r"], "replay", { hint: 8 }),
    keyRow("runs", "retry", ["R"], "retry", { hint: 6 }),
    keyRow("runs", "plan", ["p"], "its plan", { hint: 5 }),
    keyRow("runs", "pager", ["o"], "all output", { hint: 3 }),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "run", param: row.id }]),
    replay: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "replay", param: row.id }]),
    retry: ({ row, world }) => {
      const each = known(world, runsTopic)?.find(({ run }) => run === row?.id);
      return each === undefined ? [] : toRetry(each.run, each.phase, world);
    },
    plan: ({ row, world }) => {
      const plan = known(world, runsTopic)?.find(({ run }) => run === row?.id)?.plan;
      return plan === undefined ? [] : [{ want: "open", screen: "plan", param: plan }];
    },
    pager: ({ row }) =>
      row === undefined ? [] : [{ want: "effect", effect: { do: "foreground", what: { kind: "paged", argv: ["logs", row.id] } } }],
  },
});

function phaseSign({ phase }: RunEntry, look: Look): Sign {
  switch (phase) {
    case "requested":
      return { glyph: look.glyphs.busy, word: "open", tone: "busy" };
    case "succeeded":
      return { glyph: look.glyphs.ok, word: "succeeded", tone: "ok" };
    case "failed":
      return { glyph: look.glyphs.bad, word: "failed", tone: "bad" };
    case "cancelled":
      return { glyph: look.glyphs.skipped, word: "cancelled", tone: "warn" };
    default:
      return phase satisfies never;
  }
}

const columns = (look: Look, second: number): readonly Column<RunEntry>[] => [
  { title: "RUN", cell: ({ run }) => run, tone: () => "strong" },
  {
    title: "PHASE",
    cell: (each) => `${phaseSign(each, look).glyph} ${phaseSign(each, look).word}`,
    tone: (each) => phaseSign(each, look).tone,
  },
  { title: "PLAN", cell: ({ plan }) => plan, drop: 2 },
  { title: "BY", cell: ({ by }) => by, most: 16, drop: 1 },
  { title: "WHEN", cell: ({ at }) => agoWords(second * 1000 - at), tone: () => "dim" },
  { title: "TOOK", cell: (each) => (each.phase === "requested" ? "" : durationWords(each.durationMs)), align: "right" },
  { title: "NODE-ROLES", cell: outcomeWords, most: 60, drop: 3, tone: (each) => (each.phase === "failed" ? "bad" : "dim") },
];

/** `12 active, 1 failed`. */
function outcomeWords(each: RunEntry): string {
  if (each.phase === "requested") return "";
  const { active, changed, skipped, retired, failed, blocked, unknown } = each.nodeRoles;
  const parts: readonly (readonly [number, string])[] = [
    [failed, "failed"],
    [unknown, "unknown"],
    [blocked, "not started"],
    [active, `active${changed > 0 ? ` (${changed} changed)` : ""}`],
    [retired, "removed"],
    [skipped, "unchanged"],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(", ");
}

const shaped = remember((runs: readonly RunEntry[], second: number, room: number, look: Look) =>
  tableShape(columns(look, second), runs, room),
);

const rowsOf = remember((runs: readonly RunEntry[], second: number, room: number, look: Look): readonly Row[] =>
  runs.toReversed().map((each) => ({
    id: each.run,
    text: `${each.run} ${phaseSign(each, look).word}, plan ${each.plan}, by ${each.by}, ${agoWords(second * 1000 - each.at)}${
      each.phase === "requested" ? "" : `, took ${durationWords(each.durationMs)}: ${outcomeWords(each)}`
    }`,
    line: () => tableRow(shaped(runs, second, room, look), each, look.glyphs.cut),
  })),
);

/** One run beside the list. */
function detail(each: RunEntry, world: World, look: Look): Side {
  const { glyph, word } = phaseSign(each, look);
  const view = known(world, runTopic(each.run));
  return {
    title: `${each.run}  ${glyph} ${word}`,
    lines: (width) => [
      line(["asked for by ", "dim"], each.by, [`, ${utcWords(each.at)}`, "dim"]),
      line(["plan         ", "dim"], each.plan, [view === undefined ? "" : `, ${listed(view.plan.body.deployments, 4)}`, "plain"]),
      ...(each.breakglass === true ? [line(["past its gates by break-glass", "warn"])] : []),
      ...wrapWords(outcomeWords(each), width).map((text) => line(text)),
      ...(view === undefined ? [] : [blank, ...wrongLines(view, width, look), ...slowLines(view, look)]),
    ],
  };
}

const slowMost = 5;

function wrongLines({ state, ended }: RunView, width: number, look: Look): readonly Line[] {
  const wrong = [...state.nodeRoles.values()].filter((each) => isWrong(each.state));
  const told = wrong
    .slice(0, 8)
    .flatMap(({ planned, problem }) => [
      line([`${look.glyphs.bad} `, "bad"], [planned.id, "strong"], [`  ${problem?.code ?? ""}`, "bad"]),
      ...wrapWords(problem === undefined ? "" : withoutId(problem.message, planned.id), width - 2).map((text) =>
        line(["  ", "plain"], text),
      ),
    ]);
  const more = wrong.length > 8 ? [line([`and ${wrong.length - 8} more`, "dim"])] : [];
  return [...problemLines(ended, width), ...told, ...more];
}

/** What took longest: where a rollout loses its time. */
function slowLines({ pace }: RunView, look: Look): readonly Line[] {
  const ended = [...pace].flatMap(([id, { startedAt, endedAt }]) => (endedAt === undefined ? [] : [{ id, ms: endedAt - startedAt }]));
  const slow = ended.toSorted((a, b) => b.ms - a.ms).slice(0, slowMost);
  if (slow.length === 0) return [];
  const most = Math.max(1, slow[0]?.ms ?? 1);
  const tone: Tone = "dim";
  return [
    line([`longest of ${count(ended.length, "node-role")}`, "strong"]),
    ...slow.map(({ id, ms }) =>
      line(
        [durationWords(ms).padStart(8), "plain"],
        [` ${look.glyphs.full.repeat(Math.max(1, Math.round((ms / most) * 12))).padEnd(12)} `, tone],
        id,
      ),
    ),
  ];
}
